SELECT eventJson
FROM EXAMPLE-1
WHERE eventTime >= '2026-02-28 23:30:00'
  AND eventTime <= '2026-03-01 00:10:05'
  AND awsRegion IN ('eu-west-1', 'us-east-1')
  AND recipientAccountId IN ('123456789012', '210987654321')
LIMIT 1
