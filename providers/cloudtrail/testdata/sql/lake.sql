SELECT eventJson
FROM EXAMPLE-1
WHERE eventTime >= '2026-02-28 23:30:00'
  AND eventTime <= '2026-03-01 00:10:05'
  AND awsRegion IN ('eu-west-1', 'us-east-1')
  AND recipientAccountId IN ('123456789012', '210987654321')
  AND (coalesce(CAST(readOnly AS varchar), 'false') <> 'true' AND eventSource IN ('directconnect.amazonaws.com', 'ec2.amazonaws.com', 'ram.amazonaws.com') OR eventName = 'AssumeRole' OR eventName IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML') AND strpos(element_at(requestParameters, 'roleArn'), 'it''s-a-runner') > 0 OR strpos(userIdentity.arn, 'it''s-a-runner') > 0 OR strpos(userIdentity.sessionContext.sessionIssuer.arn, 'it''s-a-runner') > 0)
