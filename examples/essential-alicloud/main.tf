# A private path from an existing VPC to a TiDB Cloud Starter or Essential cluster on Alibaba Cloud. The host is the
# endpoint's own domain name, known once the endpoint exists.

terraform {
  required_providers {
    tidblink = {
      source  = "tidblink/tidblink"
      version = "~> 0.1"
    }
  }
}

provider "tidblink" {}

resource "tidblink_endpoint_service" "mall" {
  cluster_id = var.cluster_id
}

resource "tidblink_private_endpoint" "app" {
  service_id = tidblink_endpoint_service.mall.id

  alicloud = {
    vpc_id             = var.vpc_id
    vswitch_ids        = var.vswitch_ids
    security_group_ids = var.security_group_ids
    name               = "mall"
  }
}
