package ec2test

import "reflect"

// dynamodb answers for the world's tables.
func (s *Server) dynamodb(c *call) (answer, error) {
	switch c.Action {
	case "GetItem":
	case "PutItem", "UpdateItem", "DeleteItem":
		return s.writeItem(c)
	case "DescribeTable", "DescribeTimeToLive", "Scan":
		return s.tableCall(c)
	default:
		return answer{}, refuse("UnknownOperationException", "The operation %s is not served here", c.Action)
	}
	var in struct {
		TableName string
		Key       Doc
	}
	if err := c.read(&in); err != nil {
		return answer{}, err
	}
	s.world.mu.RLock()
	items, exists := s.world.tables[c.place][in.TableName]
	badKey := s.world.badKey(c.place, in.TableName, in.Key)
	s.world.mu.RUnlock()
	if !exists {
		return answer{}, refuse("ResourceNotFoundException", "Requested resource not found")
	}
	if badKey {
		return answer{}, refuse("ValidationException", "The provided key element does not match the schema")
	}
	out := map[string]any{}
	for _, item := range items {
		if holds(item, in.Key) {
			out["Item"] = item // the last one put wins
		}
	}
	return jsonAnswer("application/x-amz-json-1.0", out)
}

func holds(item, key Doc) bool {
	for name, value := range key {
		if !reflect.DeepEqual(item[name], value) {
			return false
		}
	}
	return true
}
