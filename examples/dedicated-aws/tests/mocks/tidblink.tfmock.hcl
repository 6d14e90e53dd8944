# Values of the shape that the real ones have, for `terraform test` without any cloud.

mock_resource "tidblink_endpoint_service" {
  defaults = {
    id                    = "dedicated/10300000000000000001/1900000000000000001"
    node_group_id         = "1900000000000000001"
    plan                  = "dedicated"
    project_id            = "1370000000000000001"
    cloud_provider        = "aws"
    region                = "us-west-2"
    service_name          = "com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0"
    host                  = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com"
    port                  = 4000
    availability_zone_ids = ["usw2-az1", "usw2-az2", "usw2-az3"]
    state                 = "active"
  }
}

mock_resource "tidblink_private_endpoint" {
  defaults = {
    id                    = "dedicated/10300000000000000001/1900000000000000001/vpce-0123456789abcdef0"
    endpoint_id           = "vpce-0123456789abcdef0"
    connection_id         = "1900000000000000009"
    project_id            = "1370000000000000001"
    managed               = true
    ownership_token       = "0123456789abcdef0123456789abcdef"
    region                = "us-west-2"
    host                  = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com"
    port                  = 4000
    status                = "active"
    cloud_state           = "available"
    connection_state      = "active"
    network_interface_ids = ["eni-0123456789abcdef0"]
    dns_names             = ["vpce-0123456789abcdef0-01234567.vpce-svc-0123456789abcdef0.us-west-2.vpce.amazonaws.com"]
  }
}

mock_data "tidblink_endpoint_service" {
  defaults = {
    id                    = "dedicated/10300000000000000001/1900000000000000001"
    node_group_id         = "1900000000000000001"
    plan                  = "dedicated"
    project_id            = "1370000000000000001"
    cloud_provider        = "aws"
    region                = "us-west-2"
    service_name          = "com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0"
    host                  = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com"
    port                  = 4000
    availability_zone_ids = ["usw2-az1", "usw2-az2", "usw2-az3"]
    state                 = "active"
  }
}

mock_data "tidblink_private_endpoint" {
  defaults = {
    endpoint_id      = "vpce-0123456789abcdef0"
    connection_id    = "1900000000000000009"
    registered       = true
    marked           = true
    vpc_id           = "vpc-0123456789abcdef0"
    status           = "active"
    cloud_state      = "available"
    connection_state = "active"
    host             = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com"
    port             = 4000
  }
}

mock_data "tidblink_private_endpoints" {
  defaults = {
    status = "configured"
  }
}

mock_data "tidblink_reachability" {
  defaults = {
    reachable      = true
    addresses      = ["10.0.0.10"]
    server_version = "8.0.11-TiDB-v8.5.1"
  }
}
