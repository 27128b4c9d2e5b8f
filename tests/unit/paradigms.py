"""Forms of words that news is made of: each line is one word, its basic form first."""

PARADIGMS = {
    "hy": """
նախագահ նախագահի նախագահը նախագահին նախագահից նախագահով նախագահներ նախագահների ՆԱԽԱԳԱՀԸ
կառավարություն կառավարության կառավարությունը կառավարությանը կառավարությունում կառավարությամբ ԿԱՌԱՎԱՐՈՒԹՅՈՒՆ
պատերազմ պատերազմի պատերազմը պատերազմում պատերազմից պատերազմները
խաղաղություն խաղաղության խաղաղությունը խաղաղությամբ
քաղաք քաղաքի քաղաքում քաղաքը քաղաքից քաղաքներ քաղաքների
նախարար նախարարի նախարարը նախարարին նախարարներ նախարարների
ընտրություններ ընտրությունների ընտրություններին ընտրություններում ընտրություններից ընտրություն
Հայաստան Հայաստանի Հայաստանը Հայաստանում Հայաստանից Հայաստանին ՀԱՅԱՍՏԱՆՈՒՄ
Երևան Երևանի Երևանում Երևանից Երևանը Երեւան ԵՐԵՎԱՆ ԵՐԵՎԱՆՈՒՄ Երևանին
Փաշինյան Փաշինյանի Փաշինյանը Փաշինյանին Փաշինյանից Փաշինյանն Փաշինյանով
Ալիև Ալիևի Ալիևը Ալիևին Ալիևից Ալիեւի ԱԼԻԵՎ
Պուտին Պուտինի Պուտինը Պուտինին Պուտինից Պուտինն
Կոբախիձե Կոբախիձեի Կոբախիձեն Կոբախիձեին Կոբախիձեից
Թրամփ Թրամփի Թրամփը Թրամփին Թրամփից
Ադրբեջան Ադրբեջանի Ադրբեջանը Ադրբեջանում Ադրբեջանին
Ռուսաստան Ռուսաստանի Ռուսաստանը Ռուսաստանում
խորհրդարան խորհրդարանի խորհրդարանում խորհրդարանը
դատարան դատարանի դատարանում դատարանը դատարաններ
օրենք օրենքի օրենքը օրենքով օրենքներ
տնտեսություն տնտեսության տնտեսությունը
բանկ բանկի բանկը բանկում բանկեր բանկերի
ոստիկանություն ոստիկանության ոստիկանությունը
պայմանագիր պայմանագրի պայմանագիրը պայմանագրով պայմանագրեր
սահման սահմանի սահմանը սահմանին սահմանում սահմանից
մարդ մարդու մարդիկ մարդկանց մարդը
օր օրվա օրը օրերը
եղբայր եղբոր եղբայրը
դպրոց դպրոցի դպրոցում դպրոցներ
Զելենսկի Զելենսկիի Զելենսկին Զելենսկիին
Բրյուսել Բրյուսելի Բրյուսելում Բրյուսելից
դեսպան դեսպանի դեսպանը դեսպանին դեսպաններ
բանակ բանակի բանակը բանակում
հիվանդանոց հիվանդանոցի հիվանդանոցում
շուկա շուկայի շուկայում շուկան
ընկերություն ընկերության ընկերությունը ընկերություններ
Մակրոն Մակրոնի Մակրոնը Մակրոնին
Լուկաշենկո Լուկաշենկոյի Լուկաշենկոն Լուկաշենկոյին
Միրզոյան Միրզոյանի Միրզոյանը Միրզոյանին
Սաակաշվիլի Սաակաշվիլիի Սաակաշվիլին Սաակաշվիլիին
Մոսկվա Մոսկվայի Մոսկվայում Մոսկվան
Բաքու Բաքվի Բաքվում Բաքուն
Թբիլիսի Թբիլիսիի Թբիլիսիում Թբիլիսին
Արցախ Արցախի Արցախում Արցախը
ուսանող ուսանողի ուսանողներ ուսանողները
ճանապարհ ճանապարհի ճանապարհին ճանապարհը
լեզու լեզվի լեզուն լեզվով
բժիշկ բժշկի բժիշկներ բժիշկը
հրդեհ հրդեհի հրդեհը հրդեհից
""",
    "ka": """
პრეზიდენტი პრეზიდენტის პრეზიდენტმა პრეზიდენტს პრეზიდენტად პრეზიდენტისთვის პრეზიდენტისთვისაც
მთავრობა მთავრობის მთავრობამ მთავრობას მთავრობაში მთავრობისთვის მთავრობები მთავრობასთან მთავრობამაც
ომი ომის ომში ომს ომით ომები ომების
მშვიდობა მშვიდობის მშვიდობას მშვიდობისთვის მშვიდობისკენ
ქალაქი ქალაქში ქალაქის ქალაქს ქალაქები ქალაქებში ქალაქიდან
მინისტრი მინისტრის მინისტრმა მინისტრს მინისტრთან მინისტრები
არჩევნები არჩევნების არჩევნებში არჩევნებზე არჩევნებს არჩევნებამდე
პარლამენტი პარლამენტის პარლამენტში პარლამენტმა პარლამენტს
საქართველო საქართველოს საქართველოში საქართველოდან საქართველომ საქართველოსთვის
თბილისი თბილისის თბილისში თბილისიდან თბილისს თბილისშიც
ივანიშვილი ივანიშვილის ივანიშვილმა ივანიშვილს ივანიშვილთან ივანიშვილისთვის
კობახიძე კობახიძის კობახიძემ კობახიძეს კობახიძესთან
ზურაბიშვილი ზურაბიშვილის ზურაბიშვილმა ზურაბიშვილს
პუტინი პუტინის პუტინმა პუტინს პუტინთან პუტინისგან
რუსეთი რუსეთის რუსეთში რუსეთმა რუსეთს რუსეთიდან რუსეთთან
სომხეთი სომხეთის სომხეთში სომხეთს სომხეთთან
აზერბაიჯანი აზერბაიჯანის აზერბაიჯანში აზერბაიჯანს აზერბაიჯანთან
პოლიცია პოლიციის პოლიციამ პოლიციას პოლიციაში
სასამართლო სასამართლოს სასამართლოში სასამართლომ
კანონი კანონის კანონს კანონით კანონები კანონების
ეკონომიკა ეკონომიკის ეკონომიკას ეკონომიკაში
ბანკი ბანკის ბანკმა ბანკს ბანკში ბანკები
ოპოზიცია ოპოზიციის ოპოზიციამ ოპოზიციას
დემონსტრაცია დემონსტრაციის დემონსტრაციაზე დემონსტრაციები
წყალი წყლის წყალს წყალში
ადამიანი ადამიანის ადამიანმა ადამიანები ადამიანებს
ჟურნალისტი ჟურნალისტის ჟურნალისტმა ჟურნალისტები
დეპუტატი დეპუტატის დეპუტატმა დეპუტატები დეპუტატებს
ტრამპი ტრამპის ტრამპმა ტრამპს ტრამპთან
ზელენსკი ზელენსკის ზელენსკიმ ზელენსკის
ბათუმი ბათუმის ბათუმში ბათუმიდან
სესია სესიის სესიაზე
ელჩი ელჩის ელჩმა ელჩს ელჩთან ელჩები
არმია არმიის არმიამ არმიაში
შეთანხმება შეთანხმების შეთანხმებას შეთანხმებით შეთანხმებები
პროექტი პროექტის პროექტს პროექტში პროექტები
საავადმყოფო საავადმყოფოს საავადმყოფოში
მანქანა მანქანის მანქანას მანქანები
ბაზარი ბაზრის ბაზარზე ბაზარს
კომპანია კომპანიის კომპანიამ კომპანიები კომპანიაში
კომისია კომისიის კომისიამ კომისიას
მაკრონი მაკრონის მაკრონმა მაკრონს მაკრონთან
ლუკაშენკო ლუკაშენკოს ლუკაშენკომ ლუკაშენკოსთან
ყაველაშვილი ყაველაშვილის ყაველაშვილმა ყაველაშვილთან
ფაშინიანი ფაშინიანის ფაშინიანმა ფაშინიანთან
ალიევი ალიევის ალიევმა ალიევთან
მოსკოვი მოსკოვში მოსკოვის მოსკოვიდან
ბაქო ბაქოს ბაქოში ბაქოდან
აფხაზეთი აფხაზეთის აფხაზეთში
სტუდენტი სტუდენტის სტუდენტები სტუდენტებმა სტუდენტებთან
გზა გზის გზაზე გზას გზები
ენა ენის ენაზე ენას
ექიმი ექიმის ექიმმა ექიმები
ხანძარი ხანძრის ხანძარს
ჯარისკაცი ჯარისკაცის ჯარისკაცები ჯარისკაცებმა
უკრაინა უკრაინის უკრაინაში უკრაინას
ისრაელი ისრაელის ისრაელმა ისრაელში
დონალდი დონალდის დონალდმა
სააკაშვილი სააკაშვილის სააკაშვილმა სააკაშვილს
მელონი მელონის მელონიმ
""",
    "az": """
prezident prezidenti prezidentin prezidentə prezidentdən prezidentlə prezidentlər prezidentlərin
hökumət hökuməti hökumətin hökumətə hökumətdə hökumətlər hökumətinin hökumətindən
müharibə müharibənin müharibəyə müharibədə müharibədən müharibələr müharibəsi
sülh sülhün sülhə sülhü sülhdən
şəhər şəhərin şəhərə şəhərdə şəhərdən şəhəri şəhərlər şəhərində şəhərindən
nazir naziri nazirin nazirə nazirlər nazirinin nazirlərin
seçki seçkilər seçkilərin seçkidə seçkiyə seçkilərdə seçkisi seçkinin
parlament parlamentin parlamentdə parlamentə parlamenti
ölkə ölkənin ölkəyə ölkədə ölkədən ölkələr ölkəmizin ölkəsi
Bakı Bakının Bakıya Bakıda Bakıdan BAKI Bakı'da
Azərbaycan Azərbaycanın Azərbaycana Azərbaycanda Azərbaycandan Azərbaycanla
Ermənistan Ermənistanın Ermənistana Ermənistanda Ermənistanla
Türkiyə Türkiyənin Türkiyəyə Türkiyədə Türkiyədən
Rusiya Rusiyanın Rusiyaya Rusiyada Rusiyadan
Əliyev Əliyevin Əliyevə Əliyevdən Əliyevlə
Paşinyan Paşinyanın Paşinyana Paşinyanla
uşaq uşağı uşağın uşağa uşaqlar uşaqların uşaqlarla
çiçək çiçəyi çiçəyin çiçəyə çiçəklər
təhlükəsizlik təhlükəsizliyi təhlükəsizliyin təhlükəsizliyə təhlükəsizliyinə
azadlıq azadlığı azadlığın azadlığa azadlıqda azadlıqlar
məktəb məktəbi məktəbin məktəbə məktəbdə məktəblər məktəblərdə
universitet universiteti universitetin universitetdə universitetində
bank bankı bankın banka banklar bankında
neft nefti neftin neftə neftdən
iqtisadiyyat iqtisadiyyatı iqtisadiyyatın iqtisadiyyata
qanun qanunu qanunun qanuna qanunlar qanunda
məhkəmə məhkəməsi məhkəmənin məhkəməyə məhkəmədə məhkəməsinin
polis polisi polisin polisə polislər
qoşun qoşunları qoşunlar qoşunlarının
sərhəd sərhədi sərhədin sərhəddə sərhəddən
danışıqlar danışıqların danışıqlara danışıqlarda danışıq
müqavilə müqaviləsi müqavilənin müqaviləni
vətəndaş vətəndaşlar vətəndaşların vətəndaşı
jurnalist jurnalistlər jurnalistin jurnalistə
Qarabağ Qarabağın Qarabağda Qarabağa
kənd kəndin kəndi kənddə kəndlər
kitab kitabı kitabın kitablar
qadın qadınlar qadının qadınların
Gəncə Gəncənin Gəncəyə Gəncədə
rayon rayonu rayonun rayonunda rayonlar
səfir səfiri səfirin səfirə səfirlər
ordunu ordu ordunun orduya orduda
razılaşma razılaşması razılaşmanın razılaşmaya razılaşmalar
layihə layihəsi layihənin layihəyə layihələr layihədə
xəstəxana xəstəxanada xəstəxanaya xəstəxananın xəstəxanalar
avtomobil avtomobili avtomobilin avtomobillər avtomobildə
bazar bazarı bazarın bazarda bazara
qiymət qiyməti qiymətin qiymətlər qiymətə
şirkət şirkəti şirkətin şirkətlər şirkətə
idarə idarəsi idarənin idarəyə idarədə
nümayəndə nümayəndəsi nümayəndələr nümayəndənin
komissiya komissiyası komissiyanın komissiyaya
Zelenski Zelenskinin Zelenskiyə Zelenskidən
Putin Putinin Putinə Putindən Putinlə
Moskva Moskvada Moskvanın Moskvaya
İran İranın İrana İranda İrandan
Naxçıvan Naxçıvanın Naxçıvanda Naxçıvana
yanğın yanğını yanğının yanğında
əsgər əsgərlər əsgərin əsgəri əsgərlərin
ərazi ərazisi ərazisində ərazinin ərazilər
torpaq torpağı torpağın torpaqlar torpağa
hüquq hüququ hüquqları hüququn
gömrük gömrüyü gömrüyün gömrükdə
Paris Parisdə Parisin Parisə
tələbə tələbələr tələbənin tələbəyə
yol yolu yolun yola yolda yollar
dil dili dilin dilində dildə
oyun oyunu oyunun oyunlar oyunda
söz sözü sözün sözlər
həkim həkimlər həkimin həkimə
""",
    "ru": """
Ереван Ереване Еревана Еревану Ереваном ЕРЕВАН
Пашинян Пашиняна Пашиняном Пашиняну Пашиняне
Путин Путина Путину Путиным Путине
Трамп Трампа Трампу Трампом
Алиев Алиева Алиеву Алиевым Алиеве
Зеленский Зеленского Зеленскому Зеленским Зеленском
Азербайджан Азербайджана Азербайджане Азербайджану Азербайджаном
Армения Армении Армению Арменией
Москва Москвы Москве Москву Москвой
Карабах Карабаха Карабахе
Эрдоган Эрдогана Эрдогану Эрдоганом
Брюссель Брюсселя Брюсселе
правительство правительства правительством ПРАВИТЕЛЬСТВО
выборы выборов выборами выборам выборах
война войны войну войной войн
дети детей детям
человек человека людей люди
подписал подписали подписать подписала подписан
переговоры переговоров переговорах
год года лет годы
рубль рублей рубля
беспилотник беспилотника беспилотники беспилотников беспилотниками
российский российского российская российские
ёлка елка ёлки ёлку
""",
    "tr": """
cumhurbaşkanı cumhurbaşkanının cumhurbaşkanına cumhurbaşkanlar
hükümet hükümeti hükümetin hükümete hükümetten HÜKÜMETİN
savaş savaşı savaşın savaşta savaştan savaşlar
barış barışı barışın barışa BARIŞ
şehir şehri şehirde şehrin şehirler ŞEHİR
bakan bakanı bakanın bakana bakanlar
seçim seçimi seçimler seçimde seçimlerin SEÇİMLER
meclis meclisi mecliste meclisin MECLİS
İstanbul İstanbul'da İstanbul'un İSTANBUL istanbul İSTANBUL'DA
Isparta ISPARTA Isparta'da isparta ısparta
Türkiye Türkiye'nin Türkiye’de TÜRKİYE TÜRKİYE’NİN
Erdoğan Erdoğan'ın ERDOĞAN Erdoğan’dan
sınır sınırı sınırda sınırın SINIR SINIRDA sınırlar
dışişleri DIŞİŞLERİ Dışişleri
ışık ışığı ışıklar IŞIK IŞIĞI
kadın kadınlar kadının KADIN KADINLAR
mahkeme mahkemesi mahkemenin mahkemeye MAHKEME
yasa yasayı yasalar yasanın
polis polisi polisin polise
ekonomi ekonomisi ekonominin EKONOMİ
petrol petrolün petrolü
kitap kitabı kitabın kitaplar KİTAP
çocuk çocuğu çocuklar çocuğun
güvenlik güvenliği güvenliğin GÜVENLİK
deprem depremde depremin depremler
Iğdır IĞDIR Iğdır'da
saldırı saldırıda saldırının saldırılar SALDIRI
anlaşma anlaşmayı anlaşmanın anlaşmalar
elçi elçisi elçinin elçiye elçiler
ordu ordusu ordunun orduya
proje projesi projenin projeler
hastane hastanede hastanenin hastaneler
pazar pazarı pazarın pazarda
fiyat fiyatı fiyatlar fiyatların
şirket şirketi şirketin şirketler
Kılıçdaroğlu Kılıçdaroğlu'nun KILIÇDAROĞLU Kılıçdaroğlu’na
İmamoğlu İmamoğlu'nun İMAMOĞLU
Moskova Moskova'da MOSKOVA
öğrenci öğrenciler öğrencinin ÖĞRENCİLER
yol yolu yolun yolda yollar
doktor doktorlar doktorun
yangın yangını yangında YANGIN
""",
}

# Words that are not to find each other.
APART = {
    "hy": "նախագահ նախարար բանկ բանակ մարդ մարտ օր օրենք քաղաք քաղաքացի հայ Հայաստան պուտ Պուտին խաղ խաղաղություն",
    "ka": "მინისტრი მინისტრობა ომი ომბუდსმენი პრეზიდენტი ბანკი ბანკირი ქალაქი ქალი კანონი კანონპროექტი მთა მთავრობა",
    "az": "rus Rusiya türk Türkiyə neft neftçi futbol futbolçu qan qanun zam zaman pul polis paşa Paşinyan bal balıq"
    " azad azadlıq siyasət siyasi seçki seçim nazir nəzarət məhkəmə məhkum ölkə ölüm şəhər şəhid İran iranlı qar",
    "ru": "мир мировой суд судья судно цена ценность война воин право правительство рубль рубеж посол посольство стать"
    " сталь экономика экономист город огород выборы выбор граница граната",
    "tr": "bakan bakanlık ekonomi ekonomik sınır sinema seçim seçenek savaş savcı ülke ülkü polis politika yas yasa",
}


def paradigms(language):
    return [line.split() for line in PARADIGMS[language].strip().split("\n")]
