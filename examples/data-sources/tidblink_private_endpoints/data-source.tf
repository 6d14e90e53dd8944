# Everything that leads to a Dedicated cluster's service, registered with TiDB Cloud or not. For Starter and Essential
# clusters nothing is registered, and `registered` is null.
data "tidblink_endpoint_service" "orders" {
  cluster_id = "10300000000000000001"
}

data "tidblink_private_endpoints" "orders" {
  service_id = data.tidblink_endpoint_service.orders.id
}

output "unregistered" {
  value = [for endpoint in data.tidblink_private_endpoints.orders.endpoints : endpoint.endpoint_id if endpoint.registered == false]
}
