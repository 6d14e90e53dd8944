# Private paths from several VPCs to several Starter and Essential clusters of one region. Each VPC gets one endpoint, which
# all clusters share; adding a cluster costs no further endpoint.

terraform {
  required_providers {
    tidblink = {
      source  = "tidblink/tidblink"
      version = "~> 0.1"
    }
  }
}

provider "tidblink" {}

locals {
  paths = {
    for pair in setproduct(var.cluster_ids, keys(var.vpcs)) :
    "${pair[0]} from ${pair[1]}" => { cluster_id = pair[0], vpc_id = pair[1] }
  }
}

resource "tidblink_endpoint_service" "all" {
  for_each   = var.cluster_ids
  cluster_id = each.key
}

resource "tidblink_private_endpoint" "all" {
  for_each   = local.paths
  service_id = tidblink_endpoint_service.all[each.value.cluster_id].id

  aws = {
    vpc_id             = each.value.vpc_id
    security_group_ids = var.vpcs[each.value.vpc_id]
  }
}
