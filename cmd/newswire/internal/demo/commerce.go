package demo

import "time"

// commerce is the publisher that gives most trouble: Chinese, partly in simplified and partly in traditional characters,
// local times without a zone, and at the foot of each article numbered notices that are its terms.
func commerce() *site {
	var (
		jin  = author{Name: "金江", Key: "jin"}
		lin  = author{Name: "林晓雨", Key: "lin"}
		chen = author{Name: "陳柏安", Key: "chen"}
	)
	shanghai := time.FixedZone("", 8*60*60) // not written into the feed: the operator's timezone has to say it
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, shanghai)
	}
	const notices = `
<p>1. 本文仅代表作者本人观点，与本站立场无关。</p>
<p>2. 文章版權歸作者所有，轉載請註明作者和出處。</p>
<p>3. 如有异议，请联系 info@dsb.example。</p>`
	return &site{
		ID: "dsb", Name: "電商報", Language: "zh-CN",
		Tagline:  "独立作者谈电子商务",
		Kind:     "RSS 2.0 in Chinese, with local times and no zone",
		FeedPath: "/rss.xml", FeedType: "text/xml; charset=utf-8", Template: "commerce.rss.tmpl",
		MaxAge: 30 * time.Second, Schedule: "@every 5s", Timezone: "Asia/Shanghai", Policy: "excerpt", Categories: []string{"trade"},
		Statement: "© 作者本人",
		Contact:   "info@dsb.example",
		Authors:   []author{jin, lin, chen},
		News: fixed(
			article{
				Path: "a/1004.html", Title: "夜市搬到手机上以后", Authors: []author{jin},
				Published: at(time.February, 25, 9, 8), Terms: []string{"电商", "金融"},
				Summary: "直播间里的吆喝和夜市里的吆喝，差别只在有没有油烟味。",
				Content: `<p>直播间里的吆喝和夜市里的吆喝，差别只在有没有油烟味。卖了二十年凉粉的周阿姨说，手机前的客人更急，却也更肯听她讲故事。</p>
<p>她的账本分两栏：一栏记卖出去的碗数，一栏记问了价却没买的人。第二栏长得多，她说那才是生意。</p>
<p><img src="/pictures/night-market.png" alt="夜市"/></p>` + notices,
				Picture: picture{Name: "night-market.png", Title: "夜市", Credit: "金江"},
			},
			article{
				Path: "a/1003.html", Title: "一隻快遞箱的第七次旅行", Authors: []author{chen},
				Published: at(time.February, 13, 22, 30), Terms: []string{"物流"},
				Summary: "紙箱內側留著六張面單的痕跡。我們請它再走一趟，並在每一站問它去哪裡。",
				Content: `<p>紙箱內側留著六張面單的痕跡。我們請它再走一趟，並在每一站問它去哪裡。</p>
<p>從台南到廈門，再到義烏，第七張面單貼上時，邊角已經軟得像一本翻舊的書。收件人說：「箱子比東西有意思。」</p>` + notices,
			},
			article{
				Path: "a/1002.html", Title: "退货的人在想什么", Authors: []author{lin},
				Published: at(time.January, 29, 14, 0), Terms: []string{"电商", "消费"},
				Summary: "一家鞋店把退货单上的备注抄了一整年，最常见的三个字是“再想想”。",
				Content: `<p>一家鞋店把退货单上的备注抄了一整年，最常见的三个字是“再想想”。</p>
<p>第二常见的是“脚变了”。店主起初以为是玩笑，后来在页面上加了一句：请在傍晚量脚。退货少了一成。</p>` + notices,
			},
			article{
				Path: "a/1001.html", Title: "小店的兩本帳", Authors: []author{jin, chen},
				Published: at(time.January, 8, 8, 45), Terms: []string{"金融", "e-commerce"},
				Summary: "一本给税务，一本給自己：後一本记的是哪位老客人很久没来了。",
				Content: `<p>一本给税务，一本給自己：後一本记的是哪位老客人很久没来了。</p>
<p>店主說，平台给的报表有两百项，没有一项叫“想念”。他用红笔圈出三个名字，第二天各寄了一包茶。</p>` + notices,
			},
		),
	}
}
