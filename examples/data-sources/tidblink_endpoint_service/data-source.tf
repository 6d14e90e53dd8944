# Where a cluster is and in which zones its endpoint service is offered, to choose subnets by.
data "tidblink_endpoint_service" "orders" {
  cluster_id = "10300000000000000001"
}

output "zones" {
  value = data.tidblink_endpoint_service.orders.availability_zone_ids
}
