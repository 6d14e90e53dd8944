# Looks from where Terraform runs, and warns instead of failing when the cluster does not answer from there.
data "tidblink_reachability" "orders" {
  host = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com"
  port = 4000
}

check "orders_is_reachable" {
  assert {
    condition     = data.tidblink_reachability.orders.reachable
    error_message = "The cluster does not answer from here: ${coalesce(data.tidblink_reachability.orders.error, "no reason given")}."
  }
}

output "server_version" {
  value = data.tidblink_reachability.orders.server_version
}
