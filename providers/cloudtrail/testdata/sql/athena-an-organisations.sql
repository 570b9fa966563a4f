SELECT eventid, requestid, eventname, eventsource, eventtype, eventtime, awsregion, recipientaccountid, errorcode, readonly, CAST(useridentity.type AS varchar), CAST(useridentity.arn AS varchar), CAST(useridentity.accountid AS varchar), CAST(useridentity.accesskeyid AS varchar), CAST(useridentity.invokedby AS varchar), CAST(useridentity.sessioncontext.sessionissuer.arn AS varchar), CAST(useridentity.username AS varchar), CAST(useridentity.sessioncontext.attributes.creationdate AS varchar), requestparameters, responseelements
FROM "default"."logs"
WHERE eventtime >= '2026-02-28T23:30:00Z'
  AND eventtime <= '2026-03-01T00:10:05Z'
  AND awsregion IN ('eu-west-1', 'us-east-1')
  AND coalesce(recipientaccountid, CAST(useridentity.accountid AS varchar)) IN ('123456789012', '210987654321')
  AND (coalesce(CAST(readonly AS varchar), 'false') <> 'true' AND eventsource IN ('directconnect.amazonaws.com', 'ec2.amazonaws.com', 'ram.amazonaws.com') OR eventname = 'AssumeRole' OR eventname IN ('AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML') AND strpos(requestparameters, 'it''s-a-runner') > 0 OR strpos(CAST(useridentity.arn AS varchar), 'it''s-a-runner') > 0 OR strpos(CAST(useridentity.sessioncontext.sessionissuer.arn AS varchar), 'it''s-a-runner') > 0)
  AND "account" IN ('123456789012', '210987654321')
  AND "region" IN ('eu-west-1', 'us-east-1')
  AND "date" IN ('2026-02-28', '2026-03-01', '2026/02/28', '2026/03/01', '20260228', '20260301')
-- its partitions by unit are all read: what they are is not known
