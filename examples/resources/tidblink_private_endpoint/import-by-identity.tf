import {
  to = tidblink_private_endpoint.app
  identity = {
    service_id  = "dedicated/10300000000000000001/1900000000000000001"
    endpoint_id = "vpce-0123456789abcdef0"
  }
}
