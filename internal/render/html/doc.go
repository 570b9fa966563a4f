// Package html writes report.html: one file that needs nothing else, for a
// person who has a minute now and for one who asks in a month.
//
// It promises that the page loads nothing and sends nothing (a strict policy
// inside the page says so too), that whatever a state, AWS or a trail holds is
// shown as text, that nothing is told by colour alone, and that the same report
// gives the same bytes. It is made from the report and the sentences that the
// caller has for it; it decides nothing.
package html
