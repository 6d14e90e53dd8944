output "host" {
  value       = tidblink_private_endpoint.app.host
  description = "Where the application connects to."
}

output "port" {
  value       = tidblink_private_endpoint.app.port
  description = "The TCP port there."
}
