# Things that exist in the sandbox's default world.
cluster_id         = "10400000000000000003"
vpc_id             = "vpc-t4nsandbox00000000001"
vswitch_ids        = ["vsw-t4nsandbox00000000001", "vsw-t4nsandbox00000000002"]
security_group_ids = ["sg-t4nsandbox0000000001"]
