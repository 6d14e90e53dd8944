# A Dedicated cluster on AWS. Starter and Essential on AWS are written the same.
resource "tidblink_endpoint_service" "orders" {
  cluster_id = "10300000000000000001"
}

resource "aws_security_group" "tidb" {
  name   = "tidb-endpoint"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "tidb" {
  security_group_id = aws_security_group.tidb.id
  cidr_ipv4         = aws_vpc.main.cidr_block
  ip_protocol       = "tcp"
  from_port         = tidblink_endpoint_service.orders.port
  to_port           = tidblink_endpoint_service.orders.port
}

resource "tidblink_private_endpoint" "app" {
  service_id = tidblink_endpoint_service.orders.id

  aws = {
    vpc_id             = aws_vpc.main.id
    subnet_ids         = aws_subnet.app[*].id
    security_group_ids = [aws_security_group.tidb.id]

    tags = {
      team = "orders"
    }
  }
}

output "host" {
  value = tidblink_private_endpoint.app.host
}

output "port" {
  value = tidblink_private_endpoint.app.port
}

# Starter and Essential on Alibaba Cloud. `host` is the endpoint's own, known once it exists.
resource "tidblink_endpoint_service" "mall" {
  cluster_id = "10400000000000000003"
}

resource "tidblink_private_endpoint" "mall" {
  service_id = tidblink_endpoint_service.mall.id

  alicloud = {
    vpc_id             = alicloud_vpc.main.id
    vswitch_ids        = alicloud_vswitch.app[*].id
    security_group_ids = [alicloud_security_group.tidb.id]
    name               = "mall"
  }
}

# An endpoint to the Dedicated cluster that another team makes: only its registration is managed here.
resource "tidblink_private_endpoint" "theirs" {
  service_id = tidblink_endpoint_service.orders.id

  existing = {
    endpoint_id = "vpce-0fedcba9876543210"
  }
}
