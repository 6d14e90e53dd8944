# Run with `terraform test` in the folder above: no account, no credentials, nothing is made.

mock_provider "tidblink" {
  source = "./tests/mocks"
}

variables {
  cluster_id         = "10300000000000000001"
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0"]
  security_group_ids = ["sg-0123456789abcdef0"]
}

run "hands_out_where_to_connect" {
  assert {
    condition     = output.host == tidblink_endpoint_service.orders.host
    error_message = "The output must be the host that the service has."
  }

  assert {
    condition     = output.port == 4000
    error_message = "The output must be the port that the service has."
  }
}
