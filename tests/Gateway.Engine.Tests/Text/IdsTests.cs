using Gateway.Engine.Text;

namespace Gateway.Engine.Tests.Text;

public sealed class IdsTests
{
    [Theory]
    // As ever: an id that was made from a name is never another.
    [InlineData("Küche & Bad", "kuche_bad")]
    [InlineData("Straße", "strasse")]
    [InlineData("Łódź Ørsted ÇA", "lodz_orsted_ca")]
    [InlineData("Anna's JBL Flip 6!", "anna_s_jbl_flip_6")]
    [InlineData("  __Bath--room  ", "bath_room")]
    [InlineData("àáâãäåāăąçćĉċčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįı", "aaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiii")]
    [InlineData("ĺļľŀłñńņňŋòóôõöøōŏőŕŗřśŝşšșţťŧțùúûüũūŭůűų", "lllllnnnnnooooooooorrrsssssttttuuuuuuuuu")]
    [InlineData("ĵķŵýÿŷźżž", "jkwyyyzzz")]
    // Beyond.
    [InlineData("Кухня", "kukhnya")]
    [InlineData("Зал", "zal")]
    [InlineData("Весь дом", "ves_dom")]
    [InlineData("Вітальня №2", "vitalnya_no2")]
    [InlineData("Σαλόνι", "saloni")]
    [InlineData("Phòng khách", "phong_khach")]
    [InlineData("Æbleø Þór", "aebleo_thor")]
    [InlineData("ＪＢＬ　Ｆｌｉｐ　６", "jbl_flip_6")]
    [InlineData("მისაღები", "misaghebi")]
    [InlineData("Հյուրասենյակ", "hyourasenyak")]
    [InlineData("סלון", "slvn")]
    [InlineData("المطبخ", "almtbkh")]
    [InlineData("キッチン", "kichin")]
    [InlineData("ガレージ", "gareji")]
    [InlineData("거실", "geosil")]
    [InlineData("كشك ٤", "kshk_4")]
    public void A_slug_writes_the_letters_of_every_alphabet_that_it_knows(string name, string id)
    {
        Assert.Equal(id, Ids.Slug(name, out var isWhole));
        Assert.True(isWhole);
        Assert.True(Ids.IsValid(id));
    }

    [Theory]
    [InlineData("客厅", "")]
    [InlineData("居間 2", "2")]
    [InlineData("JBL 客厅", "jbl")]
    [InlineData("रसोई", "")]
    public void A_name_whose_letters_are_lost_says_so(string name, string id)
    {
        Assert.Equal(id, Ids.Slug(name, out var isWhole));
        Assert.False(isWhole);
    }

    [Theory]
    [InlineData("Kitchen", "speaker", "1028", "kitchen")]
    [InlineData("Кухня", "speaker", "1028", "kukhnya")]
    [InlineData("客厅", "speaker", "1028", "speaker_1028")]
    [InlineData("客厅 2", "group", "group_1", "2_group_1")]
    [InlineData("JBL 客厅", "speaker", "1028", "jbl_speaker_1028")]
    [InlineData("🎵", "group", "group_2", "group_2")]
    [InlineData(" ", "echo", "g1", "echo_g1")]
    public void Entity_ids_tell_devices_apart_whatever_their_names(string name, string kind, string id, string stem) => Assert.Equal(stem, Ids.EntityStem(name, kind, id));

    [Fact]
    public void A_long_name_makes_a_short_id() => Assert.Equal(Ids.MaxLength, Ids.Slug(string.Concat(Enumerable.Repeat("щ", 100))).Length);
}
