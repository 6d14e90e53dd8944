# The service of the cluster's default TiDB node group.
resource "tidblink_endpoint_service" "orders" {
  cluster_id = "10300000000000000001"
}

# The service of another node group of the same cluster.
resource "tidblink_endpoint_service" "orders_analytics" {
  cluster_id    = "10300000000000000001"
  node_group_id = "1900000100000000002"
}
