# An endpoint that another configuration looks after.
data "tidblink_private_endpoint" "app" {
  id = "dedicated/10300000000000000001/1900000000000000001/vpce-0123456789abcdef0"
}

output "host" {
  value = data.tidblink_private_endpoint.app.host
}
