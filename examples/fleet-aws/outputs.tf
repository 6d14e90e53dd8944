output "hosts" {
  value       = { for id, service in tidblink_endpoint_service.all : id => "${service.host}:${service.port}" }
  description = "Where applications connect to for each cluster."
}

output "endpoints" {
  value       = { for path, endpoint in tidblink_private_endpoint.all : path => endpoint.endpoint_id }
  description = "The VPC endpoint behind each path."
}
