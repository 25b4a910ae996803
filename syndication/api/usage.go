package api

import (
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/partner"
)

// UsageReport is what a partner used.
type UsageReport struct {
	Partner    string          `json:"partner"`
	Content    newswire.Policy `json:"content,omitempty" enum:"full,excerpt,title" doc:"At most this much of any article; absent: what each publisher allows."`
	Categories []string        `json:"categories,omitempty" doc:"The categories that the key gets; absent: all articles."`
	Rate       string          `json:"rate" doc:"Requests in a second (s), minute (m), hour (h) or day (d), such as 600/m."`
	Days       []UsageDay      `json:"days" nullable:"false" doc:"The last 31 days with any usage, oldest first."`
}

// UsageDay is what a partner used on one day.
type UsageDay struct {
	Day      string `json:"day" format:"date" doc:"In UTC."`
	Requests int64  `json:"requests" doc:"That were answered, refusals included."`
	Refused  int64  `json:"refused" doc:"Those that were beyond the rate."`
	Items    int64  `json:"items" doc:"Articles and changes in the answers."`
	Bytes    int64  `json:"bytes" doc:"Of the answers' bodies, as sent."`
}

// reported is how far back a report goes.
const reported = 30 * 24 * time.Hour

// usage answers at /usage: the asking partner's own.
func usage(c *call) error {
	if c.partner == nil {
		return &fault{kind: "key-required", detail: "Usage is counted by partner."}
	}
	ctx, cancel := c.patience()
	defer cancel()
	if err := c.api.meter.Report(ctx); err != nil {
		return fmt.Errorf("report usage: %w", err)
	}
	days, err := c.api.store.Usage(ctx, c.partner.ID, time.Now().Add(-reported))
	if err != nil {
		return fmt.Errorf("usage of %s: %w", c.partner.ID, err)
	}
	report := UsageReport{
		Partner: c.partner.ID, Content: c.partner.Content, Categories: c.partner.Categories,
		Rate: partner.FormatRate(c.partner.Limit()), Days: []UsageDay{},
	}
	for _, d := range days {
		report.Days = append(report.Days, UsageDay{
			Day: d.Day.Format(time.DateOnly), Requests: d.Requests, Refused: d.Refused, Items: d.Items, Bytes: d.Bytes,
		})
	}
	return respondPlain(c, &report)
}
