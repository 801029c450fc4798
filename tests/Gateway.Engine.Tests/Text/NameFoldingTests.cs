using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

public sealed class NameFoldingTests
{
    [Theory]
    [InlineData("Anna's speaker", "Anna\u2019s speaker")] // a phone's apostrophe
    [InlineData("Anna's speaker", "Anna\u00B4s speaker")]
    [InlineData("Anna's speaker", "Anna\u02BCs speaker")]
    [InlineData("Anna's speaker", "Anna\uFF07s speaker")]
    [InlineData("Anna's speaker", "ANNA'S  SPEAKER")]
    [InlineData("Anna's speaker", "\uFEFFAnna's\u00A0speaker ")]
    [InlineData("Anna's speaker", "Anna's \u2003 speaker\0")]
    [InlineData("The \"loud\" one", "The \u201Cloud\u201D one")]
    [InlineData("The \"loud\" one", "The \u201Eloud\u201C one")]
    [InlineData("12\" TV", "12\u2033 TV")]
    [InlineData("TV - left", "TV \u2013 left")]
    [InlineData("TV - left", "TV -- left")]
    [InlineData("Wi-Fi", "Wi\u2011Fi")]
    [InlineData("Wohnzimmer", "Wohn\u00ADzimmer")]
    [InlineData("Wohnzimmer", "Wohn\u200Bzimmer\u200E")]
    [InlineData("Küche", "Ku\u0308che")] // a Mac's file names
    [InlineData("KÜCHE", "küche")]
    [InlineData("Straße", "STRASSE")]
    [InlineData("ẞ", "ß")]
    [InlineData("ΟΔΟΣ", "οδος")]
    [InlineData("Ὀδός", "Ὀδο\u0301ς")]
    [InlineData("КУХНЯ", "кухня")]
    [InlineData("ЗАЛЬНЫЙ", "зальныи\u0306")]
    [InlineData("İstanbul", "istanbul")]
    [InlineData("IŞIK", "ışık")]
    [InlineData("ＪＢＬ　Ｆｌｉｐ", "JBL Flip")]
    [InlineData("ｶﾞﾚｰｼﾞ", "ガレージ")]
    [InlineData("ガレージ", "カ\u3099レーシ\u3099")]
    [InlineData("거실", "\u1100\u1165\u1109\u1175\u11AF")]
    [InlineData("Phòng ngủ", "Pho\u0300ng ngu\u0309")]
    [InlineData("ế", "e\u0301\u0302x", false)] // another order of two marks of one class is another letter
    [InlineData("ệ", "e\u0302\u0323")] // of two classes it is the same
    [InlineData("❤\uFE0F Box", "❤ Box")]
    [InlineData("No. ２", "№. 2")]
    [InlineData("№ 2", "No 2")]
    [InlineData("ﬁnal…", "final...")]
    [InlineData("Küche", "Kuche", false)]
    [InlineData("Flip 6", "Flip6", false)]
    [InlineData("客厅", "卧室", false)]
    [InlineData("🎵", "🎸", false)]
    [InlineData("", " ", false)]
    public void Names_are_the_same_where_people_read_them_so(string a, string b, bool same = true)
    {
        Assert.Equal(same, NameFolding.Same(a, b));
        Assert.Equal(same, NameFolding.Same(b, a));
        Assert.Equal(same || a.Length == 0, NameFolding.Comparer.Equals(a, b));
        if (same) Assert.Equal(NameFolding.Comparer.GetHashCode(a), NameFolding.Comparer.GetHashCode(b));
    }

    [Fact]
    public void A_folded_name_folds_to_itself() => Assert.All(
        ["Anna’s  Box", "İÇ", "ﬃ№™", "ΑΣ ς", "Straße", "''", "´´", "Ａ－Ｂ", "가각", "ｶﾞ", "\u2033\u2034", "ŉ ǰ ΐ և ẚ"],
        name => Assert.Equal(NameFolding.Fold(name), NameFolding.Fold(NameFolding.Fold(name))));

    [Theory]
    [InlineData("Anas speaker", "Anna’s speaker")]
    [InlineData("кухна", "Кухня")]
    [InlineData("KÜCHE2", "küche")]
    public void Near_names_are_found_as_people_read_them(string wanted, string known) => Assert.Equal([known], NearestNames.Find(wanted, [known, "Something else"]));

    [Theory]
    [InlineData("\uFEFF ON\r\n", "ON")]
    [InlineData("\u00A0\u200B", "")]
    [InlineData(" ❤\uFE0F ", "❤\uFE0F")]
    [InlineData("a b", "a b")]
    public void Blanks_and_invisible_characters_go_from_the_ends_alone(string text, string trimmed) => Assert.Equal(trimmed, ReadableText.Trim(text));
}
