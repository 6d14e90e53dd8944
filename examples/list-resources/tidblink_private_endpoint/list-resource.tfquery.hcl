# Endpoints to all clusters of a project that no configuration of this provider manages yet.
list "tidblink_private_endpoint" "unmanaged" {
  provider = tidblink

  config {
    project_id    = "1370000000000000001"
    unmarked_only = true
  }
}

# Endpoints to one cluster, at most ten, with all that can be known of them.
list "tidblink_private_endpoint" "orders" {
  provider         = tidblink
  limit            = 10
  include_resource = true

  config {
    cluster_id = "10300000000000000001"
  }
}
