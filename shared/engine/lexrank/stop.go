package lexrank

import "strings"

// stops are the words of a language that say nothing of what a sentence is
// about; of a language that is not known here, those of all.
func stops(lang string) map[string]bool {
	lists := map[string]string{
		"en": english, "de": german, "fr": french, "es": spanish, "it": italian, "pt": portuguese, "gl": portuguese, "ca": catalan + spanish, "nl": dutch,
		"sv": nordic, "da": nordic, "nb": nordic, "nn": nordic, "no": nordic,
	}
	list, ok := lists[lang]
	if !ok {
		list = english + german + french + spanish + italian + portuguese + catalan + dutch + nordic
	}
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

const english = `
a about above actually after again against all almost also although always am an and any anything are aren't around as at back be became because become been before
being below between both but by came can can't cannot come could couldn't did didn't do does doesn't doing don't done down during each either else enough even ever every
everything few first for from further gave get gets getting give given go goes going gone gonna got had hadn't has hasn't have haven't having he he'd he'll he's her here here's
hers herself him himself his how i i'd i'll i'm i've if in into is isn't it it's its itself just kind know last let let's like lot made make makes many may maybe me mean
might more most much must my myself neither never no nor not nothing now of off oh ok okay on once one only onto or other our ours ourselves out over own perhaps put quite
rather really right said same saw say says see seem seems she she'd she'll she's should shouldn't since so some something sort still such sure take than that that's the their theirs
them themselves then there there's these they they'd they'll they're they've thing things think this those though through to together too toward two uh um under until up upon us
used very want wanted was wasn't way we we'd we'll we're we've well went were weren't what what's when where whether which while who who's whom whose why will with within
without won't would wouldn't yeah yes yet you you'd you'll you're you've your yours yourself`

const german = `
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da dabei damit dann das dass dein deine dem den denn der des dich die dies diese
diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einfach er es etwas euch euer für gab ganz geht gegen gewesen gibt hab habe haben hat hatte
hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in ist ja jede jedem jeden jeder jedes jetzt kann kein keine können könnte machen mal man mehr mein
meine mich mir mit muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine sich sie sind so soll sondern sonst über um und uns unser unter viel vom von vor wann war waren
warum was weg weil weiter welche wenn wer werde werden wie wieder will wir wird wirst wo wollen wurde würde während zu zum zur zwar zwischen`

const french = `
à afin ai aie ainsi alors après as au aucun aujourd'hui aussi autre aux avait avant avec avez avons bien c'est ça car ce ceci cela celle celui ces cet cette ceux chaque chez comme
comment d'accord d'un d'une dans de déjà depuis des deux dire dit doit donc dont du elle elles en encore entre es est et étaient était être eu eux fait faire il ils j'ai je l'on la
là le les leur leurs lui ma mais me même mes moi moins mon n'est ne ni nos notre nous on ont ou où oui par parce pas peu peut plus plusieurs pour pourquoi puis qu'il qu'on quand que
quel quelle quelque qui quoi sa sans se sera ses si soit son sont sous suis sur ta te tes toi ton tous tout toute toutes très trop tu un une va vers voilà vos votre vous y`

const spanish = `
al algo algún alguna algunas algunos allí ante antes aquel aquella aquí así aún aunque bien bueno cada casi como cómo con contra cosa creo cual cuando cuándo de decir del desde
después dice donde dónde dos durante e el él ella ellas ellos en entonces entre era eran es esa esas ese eso esos esta está estaba están estar estas este esto estos estoy fue fueron
ha había hace hacer hacia han hasta hay he la las le les lo los luego más me menos mi mí mientras mis mismo mucho muchos muy nada ni no nos nosotros nuestra nuestro nunca o os otra
otro para pero poco por porque pues que qué quien quién se sea según ser si sí sido siempre sin sino sobre solo sólo son soy su sus también tan tanto te tener tengo tiene tienen todo
todos tu tú tus un una uno unos usted ustedes va vamos ya yo`

const italian = `
agli ai al alla alle allo allora anche ancora avere aveva avevano c'è che chi ci ciò come con così cosa cui da dagli dai dal dalla dalle davanti degli dei del della delle dello deve
di dopo dove due e è ed era erano essere fa fare fino fra già gli ha hai hanno ho i il in io l'ha la le lei li lo loro lui ma me mentre mi mia mio molto ne negli nei nel nella nelle
niente noi non nostra nostro o ogni oppure ora per perché però più poi prima può qua quale quando quanto quasi quella quelle quelli quello questa queste questi questo qui quindi se
sei sempre senza si sia siamo solo sono sopra sotto sta stata stato su sua sue sugli sui sul sulla suo suoi tra troppo tu tua tuo tutta tutte tutti tutto un un' una uno va vi voi`

const portuguese = `
ainda além algo alguém algum alguma ao aos apenas após aquela aquele aqui as às até cada coisa com como da das de dela dele deles depois desde dessa desse deste do dos e é ela elas
ele eles em então entre era eram essa essas esse esses esta está estão este estou eu faz fazer foi foram há isso isto já la lá lhe mais mas me mesmo meu meus minha muito na não nas
nem nesse nesta no nos nós nossa nosso num numa o os ou para pela pelas pelo pelos pode por porque pra qual quando que quem se seja sem sempre ser será seu seus só sobre sua suas
também tão te tem têm tenho ter tinha toda todas todo todos tu tudo um uma umas uns vai vamos você vocês vou`

const catalan = `
això amb aquest aquesta aquests els és ens estan està ha han fins hi l'he les mai més mes meu molt nosaltres només on pel per però perquè quan què s'ha seu seva són també tot tots una va vam`

const dutch = `
aan al alles als altijd andere ben bij daar dan dat de deze die dit doch doen door dus een en er ge geen geweest haar had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is
ja je jij kan kon kunnen maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat ons ook op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat
we wel werd wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou`

const nordic = `
att av blev bli blir da de deg dem den denne der deres det detta dette dig din disse du där efter ej eller en er ert ett for från för had han hans har havde hem henne hennes hon hun
hur hvad hvem hvor här i icke ikke ingen inte ja jag jeg jo kan kom kun kunne man med meg mig min mot mycket må när något nogle nu når och också og om op os oss på selv sig sin sina
ska skal skulle som så til till var vara ved vi vil ville vær være än är över`
