package clean

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Terms are words and phrases to look for in a text. Case and width do not matter, nor, for the commoner Chinese
// characters, whether they are traditional or simplified. It is immutable; nil finds nothing.
type Terms struct {
	folded, plain []string
}

// NewTerms makes terms of words and phrases; nil of none.
func NewTerms(list ...string) *Terms {
	if len(list) == 0 {
		return nil
	}
	t := &Terms{}
	for _, term := range list {
		if folded := fold(term); folded != "" && !slices.Contains(t.folded, folded) {
			t.folded, t.plain = append(t.folded, folded), append(t.plain, strings.TrimSpace(term))
		}
	}
	return t
}

// in are the terms that a folded text holds, as they were given, without those that are part of a longer one.
func (t *Terms) in(folded string) []string {
	if t == nil || folded == "" {
		return nil
	}
	var at []int
	ascii := isASCII(folded)
	for i, term := range t.folded {
		if ascii && term[0] >= utf8.RuneSelf {
			continue // as half of them
		}
		if count(folded, term, 1) > 0 {
			at = append(at, i)
		}
	}
	var found []string
	for _, i := range at {
		if !slices.ContainsFunc(at, func(j int) bool {
			return len(t.folded[j]) > len(t.folded[i]) && strings.Contains(t.folded[j], t.folded[i])
		}) {
			found = append(found, t.plain[i])
		}
	}
	return found
}

// covers says whether there is next to nothing in a folded text but these terms.
func (t *Terms) covers(folded string) bool {
	rest := folded
	for _, term := range slices.SortedFunc(slices.Values(t.folded), func(a, b string) int { return len(b) - len(a) }) {
		rest = strings.ReplaceAll(rest, term, " ")
	}
	return letters(rest)*4 <= letters(folded)
}

// count counts a term in a text, up to most. A term of letters that words are made of is found as words, and also with an
// s behind it; one of characters that stand side by side is found anywhere.
func count(text, term string, most int) int {
	n := 0
	for n < most {
		at := strings.Index(text, term)
		if at < 0 {
			break
		}
		end := at + len(term)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if !joins(before, term) && !joinsAfter(text[end:], term) {
			n++
		}
		text = text[end:]
	}
	return n
}

func joins(before rune, term string) bool {
	first, _ := utf8.DecodeRuneInString(term)
	return isWordy(before) && isWordy(first)
}

func joinsAfter(rest, term string) bool {
	last, _ := utf8.DecodeLastRuneInString(term)
	if !isWordy(last) {
		return false
	}
	after, _ := utf8.DecodeRuneInString(strings.TrimPrefix(rest, "s"))
	next, _ := utf8.DecodeRuneInString(rest)
	return isWordy(next) && isWordy(after)
}

// isWordy says whether a letter is one of those that are written with spaces between words.
func isWordy(c rune) bool {
	return (unicode.IsLetter(c) || unicode.IsDigit(c)) && !isUnspaced(c)
}

// isUnspaced says whether a letter is of a script that puts no spaces between words.
func isUnspaced(c rune) bool {
	return c >= 0x0E00 && unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// fold makes texts comparable: lower case, half width, simplified characters, one space between words, and without the
// invisible characters that are put into words so that they are not found.
func fold(s string) string {
	if isASCII(s) {
		return spaced(strings.ToLower(s))
	}
	folded := strings.Map(func(c rune) rune {
		switch {
		case c < 0x80:
			if c >= 'A' && c <= 'Z' {
				return c + ('a' - 'A')
			}
			return c
		case c == 0xAD || c >= 0x200B && c <= 0x200F || c == 0x2060 || c == 0xFEFF:
			return -1
		case c >= 0xFF01 && c <= 0xFF5E:
			return unicode.ToLower(c - 0xFF01 + '!')
		case c >= 0x4E00 && c <= 0x9FFF:
			if simple, ok := simplified[c]; ok {
				return simple
			}
			return c
		default:
			return unicode.ToLower(c)
		}
	}, s)
	return spaced(folded)
}

// simplified are traditional characters and their simplified forms: those of the words that this package looks for, and
// the commonest others.
var simplified = pairs(
	"賭赌場场樂乐彩彩體体視视頻频訊讯開开獎奖號号碼码發发證证藥药貸贷網网絡络線线賬账帳账戶户註注冊册遊游戲戏機机",
	"關关閱阅讀读權权觀观聲声聯联繫系係系屬属僅仅個个題题類类圖图說说話话語语請请謝谢議议論论評评課课調调設设計计",
	"責责編编輯辑審审覈核訴诉舉举報报佈布訂订購购買买賣卖價价錢钱銀银財财貨货費费資资質质貴贵賺赚贏赢輸输贈赠",
	"無无為为與与業业東东車车長长門门問问間间時时書书畫画學学國国園园圓圆團团華华會会來来見见覺觉親亲現现規规點点",
	"熱热愛爱歡欢裡里這这還还進进過过運运達达遠远選选邊边從从後后復复徵征德德應应該该對对導导將将專专層层島岛帶带",
	"幾几庫库廣广廠厂張张強强彈弹當当錄录徑径徹彻恆恒態态慣惯戰战戶户據据擇择擊击擔担擴扩擺摆攝摄數数斷断於于",
	"曆历歷历術术條条極极構构標标樣样樹树機机檔档檢检權权歐欧殺杀毀毁氣气漢汉滿满濟济灣湾災灾煙烟獨独獲获環环產产",
	"異异療疗發发盡尽監监盤盘確确碼码礦矿禮礼種种稱称積积穩稳窮穷競竞筆笔節节範范簡简簽签籌筹籤签約约級级紅红純纯",
	"紙纸紛纷細细終终組组結结給给統统絕绝經经綜综維维緊紧線线練练縣县縮缩總总績绩織织繼继續续罰罚習习聖圣聞闻職职",
	"聽听脫脱腦脑臉脸臺台舊旧藝艺蘇苏處处虛虚虧亏衛卫裝装製制複复補补認认誌志誤误誰谁課课談谈諮咨證证識识譯译護护",
	"變变讓让負负貢贡貿贸賀贺賓宾賞赏賠赔賴赖趕赶趨趋跡迹軍军軟软較较載载輕轻輪轮轉转農农違违遲迟遷迁遺遗鄉乡",
	"醫医釋释銷销鋪铺錯错鍵键鏈链鐵铁鑒鉴閃闪閉闭隊队際际陸陆陽阳階阶隨随險险雙双雜杂離离難难電电靈灵靜静響响頁页",
	"項项順顺須须領领頭头願愿風风飛飞飯饭飲饮館馆馬马驗验驚惊體体魚鱼鮮鲜鳥鸟麗丽麼么黃黄齊齐龍龙們们價价優优億亿",
	"辦办亂乱傳传傷伤僑侨償偿凍冻劇剧劑剂勵励勸劝呂吕喬乔嘗尝喪丧墊垫壽寿奮奋孫孙寧宁屬属嶺岭幣币廢废徑径愿愿憑凭憲宪懷怀",
	"懸悬抛抛挾挟損损搖摇撥拨撤撤攜携敗败敵敌暫暂曉晓楊杨榮荣橋桥櫃柜歲岁殘残淚泪淨净減减湯汤溫温準准溝沟滅灭漲涨潔洁潤润",
	"燈灯燒烧爭争牆墙猶犹獄狱現现瑪玛畢毕疊叠癥症瞭了碩硕祿禄穀谷築筑籃篮糧粮絲丝綁绑綠绿緣缘縱纵繞绕羅罗聰聪肅肃膚肤舉举",
	"艦舰蕭萧蓋盖蘭兰虧亏蝦虾術术襲袭託托詐诈詞词試试詳详誠诚誘诱請请諒谅譽誉豐丰豬猪貝贝貧贫販贩貼贴貿贸賣卖賤贱跨跨踐践",
	"蹤踪輔辅輝辉轄辖辭辞遊游遼辽郵邮鄧邓釣钓鈔钞鈴铃鉛铅銅铜鋼钢錦锦鍋锅鎖锁鎮镇鏡镜鐘钟鑽钻閣阁闆板闊阔陣阵陳陈陸陆隱隐",
	"霧雾韓韩頓顿預预頗颇頻频顆颗額额顏颜顧顾飾饰養养餐餐駐驻駕驾騙骗騰腾驅驱髮发鬆松鬧闹鮑鲍鳳凤鴻鸿鵬鹏鷹鹰黨党齡龄龜龟",
	"儲储兒儿內内兩两別别動动務务勝胜勞劳勢势區区協协卻却壓压參参吳吴員员單单嗎吗嚴严圍围執执報报壞坏夢梦奪夺婦妇",
	"媽妈嬌娇寶宝實实審审寫写寬宽尋寻屆届廳厅彙汇匯汇猜猜贊赞讚赞薦荐擾扰歸归著着侵侵諾诺諸诸趙赵輩辈週周臨临幫帮",
)

func pairs(rows ...string) map[rune]rune {
	m := map[rune]rune{}
	for _, row := range rows {
		characters := []rune(row)
		for i := 0; i+1 < len(characters); i += 2 {
			m[characters[i]] = characters[i+1]
		}
	}
	return m
}

// spam are words that are hardly written in a link unless it was injected. An article that is about one of them,
// at a publisher that writes of it, is no spam: none of them is evidence by itself.
var spam = NewTerms(
	"casino", "online casino", "casino bonus", "free spins", "slot gacor", "slots online", "situs slot", "judi online", "judi bola",
	"togel", "poker online", "sportsbook", "betting sites", "sports betting", "baccarat", "roulette online", "crypto casino",
	"viagra", "cialis", "levitra", "kamagra", "sildenafil", "tadalafil", "tramadol", "xanax", "online pharmacy", "cheap pills",
	"payday loan", "payday loans online", "cash advance", "bad credit loans", "replica watches", "replica handbags", "fake rolex",
	"cheap jerseys", "louis vuitton outlet", "essay writing service", "write my essay", "buy essay", "buy backlinks", "seo backlinks",
	"porn", "porno", "xxx", "sex cams", "cam girls", "escort service", "escorts", "hookup sites", "buy followers",
	"казино", "казино онлайн", "ставки на спорт", "букмекер", "виагра", "сиалис", "порно", "проститутки", "займ онлайн", "микрозайм",
	"博彩", "赌场", "赌博", "娱乐城", "六合彩", "时时彩", "北京赛车", "百家乐", "老虎机", "真人视讯", "真人娱乐", "体育投注", "足球投注",
	"彩票平台", "开奖结果", "彩金", "棋牌游戏", "皇冠体育", "澳门新葡京", "色情", "成人视频", "裸聊", "约炮", "援交", "一夜情", "壮阳药", "伟哥",
	"迷药", "代开发票", "办证刻章", "私服", "外挂", "高利贷", "刷单", "网贷平台",
	"オンラインカジノ", "バイアグラ", "出会い系", "アダルト動画", "카지노", "바카라", "토토사이트", "먹튀검증", "비아그라",
	"คาสิโน", "คาสิโนออนไลน์", "สล็อต", "บาคาร่า", "แทงบอล", "nhà cái", "cá cược", "bahis siteleri", "kaçak bahis", "deneme bonusu",
)
