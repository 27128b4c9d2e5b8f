"""Headlines of each language that readers write, some with the first sentence, to measure detection by."""

HEADLINES = {
    "en": """
Armenia and Georgia sign a new trade agreement
President says talks will continue next week
Police arrest three after protest in Tbilisi
Oil prices fall as markets wait for the central bank
Heavy snow closes the road to the border
Parliament votes on the budget for 2026
Earthquake felt in several cities overnight
Opposition leader calls for early election
Gold medal for Armenian wrestler
Bank raises interest rates again
Fire destroys warehouse near airport
Minister resigns over corruption claims
Scientists find a new way to store energy
Turkey opens its airspace to Armenian flights
Why the price of bread is rising
Football: Qarabag beat Chelsea in Baku
Court rejects appeal of former mayor
What we know about the crash
Peace treaty is closer than ever, says Pashinyan
UN envoy arrives in Yerevan
Apple unveils cheaper phone
Schools to reopen on Monday
""",
    "ru": """
Президент подписал закон о бюджете
В Ереване прошла встреча министров
Цены на нефть снизились на два процента
Полиция задержала трёх человек
Землетрясение почувствовали в нескольких городах
Оппозиция требует досрочных выборов
Снегопад закрыл дорогу к границе
Сборная России выиграла матч
Банк снова поднял ставку
Пожар на складе возле аэропорта
Министр подал в отставку
Учёные нашли новый способ хранить энергию
Турция открыла воздушное пространство
Почему дорожает хлеб
Суд отклонил жалобу бывшего мэра
Пашинян заявил о скором подписании договора
Школы откроются в понедельник
Посол вызван в министерство
Новый мост через Аракс
Погода на выходные
Рубль укрепился
""",
    "hy": """
Նախագահը ստորագրել է բյուջեի մասին օրենքը
Երևանում հանդիպել են նախարարները
Նավթի գներն իջել են երկու տոկոսով
Ոստիկանությունը ձերբակալել է երեք հոգու
Երկրաշարժը զգացվել է մի քանի քաղաքներում
Ընդդիմությունը պահանջում է արտահերթ ընտրություններ
Ձյունը փակել է սահմանի ճանապարհը
Հավաքականը հաղթել է խաղում
Բանկը կրկին բարձրացրել է տոկոսադրույքը
Հրդեհ օդանավակայանի մոտ
Նախարարը հրաժարական է տվել
Գիտնականները նոր միջոց են գտել
Ինչո՞ւ է թանկանում հացը
Դատարանը մերժել է բողոքը
Փաշինյանը խոսել է պայմանագրի մասին
Դպրոցները կբացվեն երկուշաբթի
Նոր կամուրջ Արաքսի վրա
Apple-ը նոր հեռախոս է ներկայացրել
ԱՄՆ դեսպանը Գյումրիում է
Եղանակը շաբաթավերջին
Դրամն ամրապնդվել է
""",
    "ka": """
პრეზიდენტმა ბიუჯეტის კანონს ხელი მოაწერა
თბილისში მინისტრები შეხვდნენ
ნავთობის ფასი ორი პროცენტით დაეცა
პოლიციამ სამი ადამიანი დააკავა
მიწისძვრა რამდენიმე ქალაქში იგრძნეს
ოპოზიცია ვადამდელ არჩევნებს ითხოვს
თოვლმა საზღვრისკენ მიმავალი გზა ჩაკეტა
ნაკრებმა მატჩი მოიგო
ბანკმა განაკვეთი კვლავ გაზარდა
ხანძარი აეროპორტთან
მინისტრი გადადგა
მეცნიერებმა ახალი გზა იპოვეს
რატომ ძვირდება პური
სასამართლომ საჩივარი არ დააკმაყოფილა
კობახიძემ ხელშეკრულებაზე ისაუბრა
სკოლები ორშაბათს გაიხსნება
ახალი ხიდი მდინარეზე
Apple-მა ახალი ტელეფონი წარადგინა
აშშ-ის ელჩი ბათუმშია
ამინდი შაბათ-კვირას
ლარი გამყარდა
""",
    "tr": """
Cumhurbaşkanı bütçe yasasını imzaladı
Ankara'da bakanlar bir araya geldi
Petrol fiyatları yüzde iki düştü
Polis protesto sonrası üç kişiyi gözaltına aldı
Deprem birçok şehirde hissedildi
Muhalefet erken seçim istiyor
Kar yağışı sınır yolunu kapattı
Millî takım maçı kazandı
Merkez Bankası faizi yine artırdı
Havalimanı yakınında yangın
Bakan görevinden ayrıldı
Bilim insanları enerji depolamanın yeni yolunu buldu
Ekmek neden pahalanıyor
Mahkeme eski başkanın itirazını reddetti
Erdoğan anlaşma hakkında konuştu
Okullar pazartesi günü açılıyor
Nehir üzerine yeni köprü
İstanbul için fırtına uyarısı
Türkiye ile Ermenistan arasında uçuşlar başladı
Hafta sonu hava durumu
Dolar güne yükselişle başladı
Galatasaray Avrupa'da turladı
""",
    "az": """
Prezident büdcə haqqında qanunu imzalayıb
Bakıda nazirlərin görüşü keçirilib
Neftin qiyməti iki faiz ucuzlaşıb
Polis üç nəfəri saxlayıb
Zəlzələ bir neçə şəhərdə hiss olunub
Müxalifət növbədənkənar seçki tələb edir
Qar sərhəd yolunu bağlayıb
Yığma komanda oyunu qazanıb
Bank faizi yenə artırıb
Hava limanının yaxınlığında yanğın
Nazir istefa verib
Alimlər enerjini saxlamağın yeni yolunu tapıblar
Çörək niyə bahalaşır
Məhkəmə keçmiş merin şikayətini rədd edib
Əliyev müqavilə barədə danışıb
Məktəblər bazar ertəsi açılacaq
Çayın üzərində yeni körpü
Ermənistan və Azərbaycan arasında danışıqlar
ABŞ səfiri Gəncədədir
Həftəsonu hava necə olacaq
Manat möhkəmlənib
"Qarabağ" Avropada qalib gəldi
""",
}

BODIES = {
    "en": "The decision was announced on Tuesday and will take effect from next month, officials said.",
    "ru": "О решении сообщили во вторник, оно вступит в силу со следующего месяца, сказали в ведомстве.",
    "hy": "Որոշման մասին հայտնել են երեքշաբթի, այն ուժի մեջ կմտնի հաջորդ ամսից։",
    "ka": "გადაწყვეტილების შესახებ სამშაბათს გამოცხადდა და ის მომავალი თვიდან შევა ძალაში.",
    "tr": "Karar salı günü açıklandı ve gelecek aydan itibaren yürürlüğe girecek, yetkililer böyle dedi.",
    "az": "Qərar çərşənbə axşamı elan olunub və gələn aydan qüvvəyə minəcək, rəsmilər belə bildirib.",
}


def headlines(language):
    return HEADLINES[language].strip().split("\n")
