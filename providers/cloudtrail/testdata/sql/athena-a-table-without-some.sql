SELECT eventid, CAST(NULL AS varchar), eventname, eventsource, CAST(NULL AS varchar), eventtime, awsregion, CAST(NULL AS varchar), errorcode, CAST(readonly AS varchar), CAST(useridentity.type AS varchar), CAST(useridentity.arn AS varchar), CAST(useridentity.accountid AS varchar), CAST(useridentity.accesskeyid AS varchar), CAST(useridentity.invokedby AS varchar), CAST(useridentity.sessioncontext.sessionissuer.arn AS varchar), CAST(NULL AS varchar), CAST(NULL AS varchar), json_format(CAST(requestparameters AS json)), responseelements
FROM "default"."logs"
WHERE eventtime >= '2026-02-28T23:30:00Z'
  AND eventtime <= '2026-03-01T00:10:05Z'
  AND awsregion IN ('eu-west-1', 'us-east-1')
  AND coalesce(CAST(NULL AS varchar), CAST(useridentity.accountid AS varchar)) IN ('123456789012', '210987654321')
  AND (coalesce(CAST(CAST(readonly AS varchar) AS varchar), 'false') <> 'true' AND eventsource IN ('directconnect.amazonaws.com', 'ec2.amazonaws.com', 'ram.amazonaws.com') OR eventname = 'AssumeRole' OR eventname IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML') AND strpos(json_format(CAST(requestparameters AS json)), 'it''s-a-runner') > 0 OR strpos(CAST(useridentity.arn AS varchar), 'it''s-a-runner') > 0 OR strpos(CAST(useridentity.sessioncontext.sessionissuer.arn AS varchar), 'it''s-a-runner') > 0)
-- it has no partitions: all of it is read
