# Things that exist in the sandbox's default world.
cluster_id         = "10400000000000000001"
vpc_id             = "vpc-0b000000000000001"
security_group_ids = ["sg-0b000000000000001"]
