import {
  to = tidblink_endpoint_service.orders
  id = "dedicated/10300000000000000001/1900000000000000001"
}
