variable "password" {
  type      = string
  sensitive = true
  default   = "example"
}

locals {
  host = "privatelink-19000000.a1b2c3d4e5f6.clusters.tidb-cloud.com"

  # Dedicated, with the CA file from the console's connection dialog. Sensitive, because the password is.
  command = provider::tidblink::connection_string("mysql", local.host, 4000, "root", "shop", {
    password = var.password
    ca_path  = "/etc/tidb/ca.pem"
  })

  # Starter and Essential, for a client that knows the system's certificates. No secret in it.
  dsn = provider::tidblink::connection_string("go", "gateway01-privatelink.us-east-1.prod.aws.tidbcloud.com", 4000, "2aEp24QWEDLqRFs.root", "shop")
}

output "command" {
  value     = local.command
  sensitive = true
}

output "dsn" {
  value = local.dsn
}
