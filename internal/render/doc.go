// Package render turns a report into what people and machines read: the
// terminal summary, report.json and the script that a person reviews and runs.
//
// It promises three things. Every format is made from the decoded report.json
// alone, so the file that is attached to an incident holds all that any output
// says. Nothing that came from AWS, from state or from CloudTrail is ever
// interpreted: the script holds it in single quotes, and what is shown is
// stripped of what a terminal would obey. The same report gives the same bytes.
package render
