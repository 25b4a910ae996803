package text

import "strings"

// abbreviations are words that a full stop belongs to, in lower case. Those that as often as not end a sentence ("etc.",
// "usw.", "ecc.") are left out: a small letter after them tells that the sentence goes on.
var abbreviations = setOf(`
	mr mrs ms dr prof rev hon pres gov sen rep gen lt col maj sgt capt cmdr adm cpl pvt det insp supt st ste mt ft
	jr sr esq messrs bros inc ltd co corp llc dept univ assn assoc approx vs viz cf al ave blvd rd hwy
	jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun

	hr fr frl dipl ing mag bzw ca evtl ggf inkl exkl vgl zzgl bspw sog gem geb gest verh abs anm aufl bd bde hrsg tel str mio mrd jh jhdt st stck

	mme mlle mm me mgr cie boul av env chap éd réf tél janv févr juil

	sra srta dra prof profa lic ud uds vd vds excmo excma sto sta avda núm págs aprox dpto admón gral
	exmo exma sto eng av avda pág ltda

	sig sigg dott ssa avv arch ing geom rag on egr gent spett

	dhr mevr mw drs ir bijv blz enz resp incl excl

	np tzw tzn ul al pl godz tys mln mld prof inż hab mgr św wg nr str ob por

	tzv např tj odst apod mudr judr phdr ing bc doc

	dvs bl fr hr resp ca ggr

	доц акад проф гр гл ул пл пер пр обл респ руб коп тыс млн млрд трлн стр рис см им напр тел зам

	yy bkz vb sn sok cad mah apt

	th ts ths gs pgs tp bs ks

	κ αρ σελ δρ

	drs ir tbk yth sdr dkk

	डॉ श्री प्रो
`)

// numbered are words that a full stop belongs to where a number follows ("No. 5"), but not elsewhere ("He said no.").
var numbered = setOf(`no nos nr fig figs vol vols p pp par art sec sect ch chap ed eq ref tab op ex v vs abb kap s n núm pág str č стр п кн т рис`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
