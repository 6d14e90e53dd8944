# A private path from an existing VPC to a TiDB Cloud Starter or Essential cluster on AWS. One endpoint serves every such
# cluster of the region from a VPC: when another configuration made it already, this one comes in on it.

terraform {
  required_providers {
    tidblink = {
      source  = "tidblink/tidblink"
      version = "~> 0.1"
    }
  }
}

provider "tidblink" {}

resource "tidblink_endpoint_service" "web" {
  cluster_id = var.cluster_id
}

resource "tidblink_private_endpoint" "app" {
  service_id = tidblink_endpoint_service.web.id

  aws = {
    vpc_id             = var.vpc_id
    security_group_ids = var.security_group_ids
  }
}
