//! Telling the encoding, with files as short as people's first tries are.

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::super::{Form, TextEncoding};
use super::*;

const SIMPLIFIED: &[&str] = &[
    "客户名称,城市,负责人\n上海华联超市有限公司,上海,李伟\n广州天河贸易行,广州,王芳\n",
    "公司,联系人\n深圳市腾飞电子科技有限公司,张敏\n",
    "name,owner\n北京同仁堂,赵磊\n",
    "account;city\n杭州西湖茶业;杭州\n",
    "产品\t系列\t单价\n螺丝刀\t工具\t12.50\n",
    "id,name\n1,老王烟酒店\n2,小李便利店\n",
    "商机编号,阶段,金额\nD-1,已签约,3500\nD-2,谈判中,800\n",
    "name,note\nAcme,已拜访\n",
    "销售代表,主管,区域\n陈静,刘洋,华东\n黄丽,周强,华南\n",
    "客户,地址\n“金鼎”酒楼,成都市锦江区春熙路8号\n",
];

const TRADITIONAL: &[&str] = &[
    "客戶名稱,城市,負責人\n台北華聯超市股份有限公司,台北,李偉\n高雄港貿易行,高雄,王芳\n",
    "公司,聯絡人\n新竹科學電子股份有限公司,張敏\n",
    "name,owner\n香港中華煤氣,陳靜\n",
    "account;city\n鼎泰豐;台北\n",
    "產品\t系列\t單價\n螺絲起子\t工具\t12.50\n",
    "id,name\n1,老王雜貨店\n2,小李便利商店\n",
    "商機編號,階段,金額\nD-1,已簽約,3500\nD-2,談判中,800\n",
    "name,note\nAcme,已拜訪\n",
    "業務員,主管,區域\n陳靜,劉洋,北區\n黃麗,周強,南區\n",
    "客戶,地址\n「金鼎」酒樓,臺北市大安區忠孝東路8號\n",
];

const WESTERN: &[&str] = &[
    "Kunde;Ort\nMüller & Söhne GmbH;Köln\nBäckerei Weiß;Düsseldorf\n",
    "client,ville\nCafé de Flore,Paris\nCrédit Agricole,Besançon\n",
    "cliente;cidade\nPadaria São João;São Paulo\nConstruções Ávila;Évora\n",
    "empresa,contacto\nMuñoz e Hijos,José Peña\n",
    "asiakas;kaupunki\nHämäläinen Oy;Jyväskylä\nÄäni Öljy;Åbo\n",
    "name,note\nO’Brien,“best” – 50 €\n",
    "navn,by\nBlåbær Røkeri,Tromsø\nÆrø Færge,Ærøskøbing\n",
];

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, unmappable) = encoding.encode(text);
    assert!(!unmappable, "{text}");
    bytes.into_owned()
}

fn check_told(texts: &[&str], encoding: &'static Encoding, expected: TextEncoding) {
    for text in texts {
        let sheet = Sheet::new(encoded(text, encoding));
        let found = sheet.open().map(|source| source.encoding());
        assert_eq!(found.ok(), Some(expected), "{text}");
        assert_eq!(told(sheet.source()), told(Sheet::new(text).source()));
    }
}

#[test]
fn short_chinese_files_are_read_in_both_encodings() {
    check_told(SIMPLIFIED, GB18030, TextEncoding::GB18030);
    check_told(TRADITIONAL, BIG5, TextEncoding::BIG5);
}

#[test]
fn traditional_characters_in_gb18030_are_read() {
    check_told(TRADITIONAL, GB18030, TextEncoding::GB18030);
}

#[test]
fn western_files_are_read() {
    check_told(WESTERN, WINDOWS_1252, TextEncoding::WINDOWS_1252);
}

#[test]
fn utf_8_and_utf_16_are_read_with_their_marks_and_utf_8_without() {
    for text in [SIMPLIFIED, TRADITIONAL, WESTERN].concat() {
        let plain = told(Sheet::new(text).source());
        let marked = Sheet::new(format!("\u{FEFF}{text}"));
        let marked_twice = Sheet::new(format!("\u{FEFF}\u{FEFF}{text}"));
        let units = || format!("\u{FEFF}{text}").encode_utf16().collect::<Vec<_>>();
        let little = Sheet::new(units().into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
        let big = Sheet::new(units().into_iter().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
        for (sheet, encoding) in [
            (Sheet::new(text), TextEncoding::UTF_8),
            (marked, TextEncoding::UTF_8),
            (marked_twice, TextEncoding::UTF_8),
            (little, TextEncoding::UTF_16LE),
            (big, TextEncoding::UTF_16BE),
        ] {
            assert_eq!(sheet.source().encoding(), encoding);
            assert_eq!(told(sheet.source()), plain);
        }
    }
}

#[test]
fn a_name_of_two_common_characters_is_enough() {
    for name in ["李伟", "上海", "华为", "小米", "王芳", "张三", "北京", "阿里"] {
        let sheet = Sheet::new(encoded(&format!("name\n{name}\n"), GB18030));
        assert_eq!(told(sheet.source()), [format!("2: {name}")]);
    }
}

#[test]
fn a_name_far_down_in_a_large_file_tells_the_encoding() {
    let mut text = "name,city\n".to_owned();
    text.push_str(&"Acme,Bonn\n".repeat(100_000));
    text.push_str("华联超市,上海\n");
    let sheet = Sheet::new(encoded(&text, GB18030));
    assert_eq!(told(sheet.source()).last().unwrap(), "100002: 华联超市|上海");
}

#[test]
fn other_encodings_are_not_read_as_rubbish_but_asked_about() {
    for (text, encoding, label) in [
        ("имя,город\nООО Ромашка,Москва\nЗАО Вектор,Самара\n", WINDOWS_1251, "windows-1251"),
        ("名前,都市\nトヨタ自動車,豊田市\nソニー,東京\n", SHIFT_JIS, "shift_jis"),
        ("이름,도시\n삼성전자,수원시\n현대자동차,서울\n", EUC_KR, "euc-kr"),
    ] {
        let sheet = Sheet::new(encoded(text, encoding));
        let error = sheet.open().err().unwrap_or_else(|| panic!("{label} was read"));
        let SourceError::UnknownEncoding { perhaps } = error else { panic!("{error}") };
        assert_eq!(perhaps, label.parse().unwrap());
        let form = Form { encoding: Some(label.parse().unwrap()), delimiter: None };
        let source = Source::open_as(&sheet.path(), Limits::default(), form).unwrap();
        assert_eq!(told(source), told(Sheet::new(text).source()));
    }
}

#[test]
fn damage_in_a_file_is_an_error_of_its_row() {
    let mut bytes = "名称,城市\n上海华联超市,上海\n".as_bytes().to_vec();
    bytes.extend_from_slice(b"Acme \xFF,Bonn\n");
    bytes.extend_from_slice("北京同仁堂,北京\n".as_bytes());
    check(
        bytes,
        &[
            "2: 上海华联超市|上海",
            "line 3: it has bytes that are not UTF-8: type the text anew",
            "4: 北京同仁堂|北京",
        ],
    );
}

#[test]
fn damage_that_the_exporting_program_wrote_is_kept_as_it_is() {
    check("a,b\nAcm\u{FFFD},1\n", &["2: Acm\u{FFFD}|1"]);
}

#[test]
fn a_character_cut_off_at_the_end_is_an_error() {
    let bytes = encoded("name,city\n上海华联超市,上海\n北京同仁堂,北京", GB18030);
    let sheet = Sheet::new(&bytes[..bytes.len() - 1]);
    let form = Form { encoding: Some(TextEncoding::GB18030), delimiter: None };
    let source = Source::open_as(&sheet.path(), Limits::default(), form).unwrap();
    assert_eq!(told(source)[1], "line 3: it has bytes that are not GB18030: type the text anew");
}
