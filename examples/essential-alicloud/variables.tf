variable "cluster_id" {
  type        = string
  description = "Id of the TiDB Cloud Starter or Essential cluster."
}

variable "vpc_id" {
  type        = string
  description = "The VPC that the application runs in, in the cluster's region."
}

variable "vswitch_ids" {
  type        = set(string)
  description = "vSwitches of that VPC, at most one per zone, in zones that the cluster's endpoint service is offered in."
}

variable "security_group_ids" {
  type        = set(string)
  description = "Security groups of the endpoint, at most ten. One of them must let the application in on port 4000."
}
