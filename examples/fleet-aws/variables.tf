variable "cluster_ids" {
  type        = set(string)
  description = "Ids of the TiDB Cloud Starter and Essential clusters."
}

variable "vpcs" {
  type        = map(set(string))
  description = "The VPCs to reach them from, by id, each with the security groups of its endpoint."
}
