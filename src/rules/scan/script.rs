//! Simplified and traditional characters in one text.

use super::letters::Letters;
use std::sync::LazyLock;

/// Frequent traditional characters that no simplified text holds outside names, quotations and calligraphy.
const TRADITIONAL: &str = "個們這來時會國對說過還後裡裏動種麼電車馬鳥魚門開關問間聞閱閒見現規視覺觀親學習書畫寫讀語詞話\
    請讓謝認識記計訓設許訪評論證詩該課談調變議護體頭顏題願類顯風飛飯飲館養餘驗驚髮鬆點黃齊齡龍龜從徑復徵\
    應懷戰戲撲擔據擇擊擴攝數斷於時晉暫書條楊極構槍樂樓標樣樹橋機權歡歲歷歸殺殘氣決沒況淚淨減測渦溫滅滿漁漢潔濟濤灣灑\
    災為無煙煉熱燈燒營爭牆狀獨獎獲獻環瑤產畝異當疊療發盡監盤礎礦祿禮禪稱穀積穩窮競筆築簡糧級紅純紙細終組結絕給統絲經綠維網\
    綜緊線練縣縱總績織繡繪續纖羅義聖聽聯職聲腦腳腸膚臉興舊艙藝節莊華萬葉蘇藍蘭處號蟲補裝製複褲觀訂詳誤誰豐貝財貢貧貨販責貴買費\
    貼資賣賞賢質賬賴趕跡踐躍軍軟載較輕輔輛輩輪輯輸轉辦農遠運進遊達違連遲適選遺還邊鄉鄧郵鄰醫醬釋針鈔鋼錄錢鍋鐘鐵鑰長閃閉閣隊階際陽陰陳陸隨險隱\
    雖雙雜離難雲靈靜頁頂項順須預領頻顧";

/// Fewer hanzi say too little.
const FEWEST: usize = 20;
/// Fully traditional prose has a fifth or more of such characters; a text with this part of them is no longer mixed.
const TRADITIONAL_SHARE: usize = 10;
/// Characters that are named.
const MOST_LISTED: usize = 10;

static LETTERS: LazyLock<Letters> = LazyLock::new(|| Letters::of(TRADITIONAL.chars().filter(|letter| !letter.is_whitespace())));

/// The traditional characters of a text that is otherwise simplified; `None` when there are none, or when most of the text is
/// traditional and so not mixed. Texts under 20 hanzi say too little.
pub fn mixed(text: &str) -> Option<String> {
    let (hanzi, traditional, letters) = counted(text);
    (hanzi >= FEWEST && traditional > 0 && traditional * TRADITIONAL_SHARE < hanzi).then_some(letters)
}

/// Whether a text is in traditional characters throughout.
pub fn is_traditional(text: &str) -> bool {
    let (hanzi, traditional, _) = counted(text);
    hanzi >= FEWEST && traditional * TRADITIONAL_SHARE >= hanzi
}

/// Hanzi, those of the list among them, and the first ten different ones of these.
fn counted(text: &str) -> (usize, usize, String) {
    let (mut hanzi, mut traditional, mut letters) = (0, 0, String::new());
    let set = &*LETTERS;
    for letter in text.chars().filter(|letter| ('\u{4E00}'..='\u{9FFF}').contains(letter)) {
        hanzi += 1;
        if set.has(letter) {
            traditional += 1;
            if letters.chars().count() < MOST_LISTED && !letters.contains(letter) {
                letters.push(letter);
            }
        }
    }
    (hanzi, traditional, letters)
}

/// The letters of the list, for the test that none of them is a simplified one.
#[cfg(test)]
pub fn letters() -> impl Iterator<Item = char> {
    TRADITIONAL.chars().filter(|letter| !letter.is_whitespace())
}
