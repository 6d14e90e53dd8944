# A private path from an existing VPC to a TiDB Cloud Dedicated cluster. The VPC, its subnets and the security group are
# given by their ids, so that this needs no other provider.

terraform {
  required_providers {
    tidblink = {
      source  = "tidblink/tidblink"
      version = "~> 0.1"
    }
  }
}

provider "tidblink" {}

resource "tidblink_endpoint_service" "orders" {
  cluster_id = var.cluster_id
}

resource "tidblink_private_endpoint" "app" {
  service_id = tidblink_endpoint_service.orders.id

  aws = {
    vpc_id             = var.vpc_id
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }
}
