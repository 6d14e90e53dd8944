# Everything that leads to a cluster's service, registered or not.
data "tidblink_endpoint_service" "orders" {
  cluster_id = "10300000000000000001"
}

data "tidblink_private_endpoints" "orders" {
  service_id = data.tidblink_endpoint_service.orders.id
}

output "unregistered" {
  value = [for endpoint in data.tidblink_private_endpoints.orders.endpoints : endpoint.endpoint_id if !endpoint.registered]
}
