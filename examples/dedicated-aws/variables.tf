variable "cluster_id" {
  type        = string
  description = "Id of the TiDB Cloud Dedicated cluster."
}

variable "vpc_id" {
  type        = string
  description = "The VPC that the application runs in, in the cluster's region, with DNS support and DNS hostnames on."
}

variable "subnet_ids" {
  type        = set(string)
  description = "Subnets of that VPC, at most one per zone, in zones that the cluster's endpoint service is offered in."
}

variable "security_group_ids" {
  type        = set(string)
  description = "Security groups of the endpoint. One of them must let the application in on the cluster's port."
}
