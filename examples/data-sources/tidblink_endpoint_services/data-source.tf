# Every cluster of a project in one region, ready for a private endpoint each.
data "tidblink_endpoint_services" "all" {
  project_id     = "1370000000000000001"
  cloud_provider = "aws"
  region         = "us-east-1"
}

resource "tidblink_private_endpoint" "all" {
  for_each   = toset(data.tidblink_endpoint_services.all.services[*].id)
  service_id = each.key

  aws = {
    vpc_id             = "vpc-0b000000000000001"
    security_group_ids = ["sg-0b000000000000001"]
  }
}

# Clusters that have no private endpoint by this provider, and why.
output "left_out" {
  value = { for cluster in data.tidblink_endpoint_services.all.unserved_clusters : cluster.display_name => cluster.reason }
}
