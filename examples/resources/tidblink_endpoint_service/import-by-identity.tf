import {
  to = tidblink_endpoint_service.orders
  identity = {
    cluster_id    = "10300000000000000001"
    node_group_id = "1900000000000000001"
  }
}
