variable "cluster_id" {
  type        = string
  description = "Id of the TiDB Cloud Starter or Essential cluster."
}

variable "vpc_id" {
  type        = string
  description = "The VPC that the application runs in, in the cluster's region, with DNS support and DNS hostnames on."
}

variable "security_group_ids" {
  type        = set(string)
  description = "Security groups of the endpoint. One of them must let the application in on port 4000."
}
