locals {
  endpoint = provider::tidblink::parse_id("dedicated/10300000000000000001/1900000000000000001/vpce-0123456789abcdef0")
}

output "cluster_id" {
  value = local.endpoint.cluster_id
}

output "endpoint_id" {
  value = local.endpoint.endpoint_id
}
