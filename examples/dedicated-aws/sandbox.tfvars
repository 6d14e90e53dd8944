# Things that exist in the sandbox's default world.
cluster_id         = "10300000000000000001"
vpc_id             = "vpc-0a000000000000001"
subnet_ids         = ["subnet-0a000000000000001", "subnet-0a000000000000002"]
security_group_ids = ["sg-0a000000000000001"]
