using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

/// <summary>YAML that was copied from a web page, a chat or a word processor.</summary>
public sealed class WebCharacterTests
{
    private const string Web = "Text copied from a web page or chat often holds such characters.";

    /// <summary>The exact words for each shape; one error, and nothing that only follows from it.</summary>
    public static TheoryData<string, string> Shapes => new()
    {
        { "mqtt:\n\u00A0\u00A0url: mqtt://a", $"2:1: A no-break space (U+00A0) indents this line, and is no blank to YAML. Write plain blanks. {Web}" },
        { "mqtt:\r\n\u00A0 url: mqtt://a\r\n", $"2:1: A no-break space (U+00A0) indents this line, and is no blank to YAML. Write plain blanks. {Web}" },
        { "mqtt:\n  \u3000url: mqtt://a", $"2:3: An ideographic space (U+3000) indents this line, and is no blank to YAML. Write plain blanks. {Web}" },
        { "mqtt:\n\u200B  url: mqtt://a", $"2:1: A zero-width space (U+200B) indents this line, and is no blank to YAML. Delete it. {Web}" },
        { "gateway: { name: A }\n\uFEFFmqtt: { url: mqtt://a }", $"2:1: A byte order mark (U+FEFF) indents this line, and is no blank to YAML. Delete it. {Web}" },
        { "mqtt:\n  url:\u00A0mqtt://a", $"2:7: A no-break space (U+00A0) follows the colon, and is no blank to YAML. Write plain blanks. {Web}" },
        { "mqtt:\n  url\u00A0: mqtt://a", $"2:6: A no-break space (U+00A0) is part of this setting's name. Delete it. {Web}" },
        { "mqtt:\n  u\u200Brl: mqtt://a", $"2:4: A zero-width space (U+200B) is part of this setting's name. Delete it. {Web}" },
        { "mqtt:\n  url\uFF1Amqtt://a", $"2:6: A full-width colon (U+FF1A) stands behind this setting's name, where YAML wants a colon. Write a plain colon (:) and a blank. {Web}" },
        { "speakers:\n  \u2013 name: A", $"2:3: An en dash (U+2013) begins an entry of this list, where YAML wants a hyphen. Write a plain hyphen (-) and a blank. {Web}" },
        { "speakers:\n  \u2022 name: A", $"2:3: A bullet (U+2022) begins an entry of this list, where YAML wants a hyphen. Write a plain hyphen (-) and a blank. {Web}" },
        { "speakers:\n  -\u00A0name: A", $"2:4: A no-break space (U+00A0) follows the dash, and is no blank to YAML. Write plain blanks. {Web}" },
        { "mqtt: { url: mqtt://a,\u00A0client_id: c }", $"1:23: A no-break space (U+00A0) stands before this setting's name, and is no blank to YAML. Write plain blanks. {Web}" },
        { "mqtt: {url:\u00A0mqtt://a}", $"1:12: A no-break space (U+00A0) follows the colon, and is no blank to YAML. Write plain blanks. {Web}" },
        { "gateway:\n  name: \u201CTutti\u201D", "2:9: gateway.name: The text stands in typographic quotes: an opening double quote (U+201C) is a letter to YAML, and part of it. Write straight quotes (\") or none; where it is meant to be part of it, put straight ones around." },
        { "gateway: {name: \u201ETutti\u201C}", "1:17: gateway.name: The text stands in typographic quotes: a low double quote (U+201E) is a letter to YAML, and part of it. Write straight quotes (\") or none; where it is meant to be part of it, put straight ones around." },
        { "mqtt:\n  url: mqtt://a\u200B:1883", "2:16: mqtt.url: There is a zero-width space (U+200B) within the value. Delete it, or write it anew: it came along when the text was copied." },
        { "mqtt: { base_topic: tut\u00ADti }", "1:24: mqtt.base_topic: There is a soft hyphen (U+00AD) within the value. Delete it, or write it anew: it came along when the text was copied." },
        { "speakers: [{ name: A, address: 10:28:\u200B74:00:00:01 }]", "1:38: speakers[0].address: There is a zero-width space (U+200B) within the value. Delete it, or write it anew: it came along when the text was copied." },
        { "echo: { max_members: 1\u00A00 }", "1:23: echo.max_members: There is a no-break space (U+00A0) within the value. Delete it, or write it anew: it came along when the text was copied." },
        { "speakers:\n\t- name: A", "2:1: The line is indented with a tab. Indent with blanks." },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_character_that_only_looks_like_yaml_is_named_with_its_place_and_remedy(string text, string expected)
    {
        var result = ConfigurationLoaderTests.Parse(text);

        Assert.Null(result.Configuration);
        Assert.Equal(expected, string.Join('\n', result.Errors).Replace("/etc/tutti/tutti.yaml:", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nbsp.yaml", "2:1", "5:3")]
    [InlineData("nbsp-crlf.yaml", "2:1")]
    public void The_reported_files_name_each_place_and_nothing_else(string file, params string[] places)
    {
        var errors = ConfigurationLoader.Load(NameTests.Case(file)).Errors;

        Assert.Equal(places, errors.Select(e => $"{e.Line}:{e.Column}"));
        Assert.All(errors, e => Assert.StartsWith("A no-break space (U+00A0) indents this line", e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_else_is_wrong_is_told_beside_it() => Assert.Equal(
        ["2:1", "3:3"], ConfigurationLoaderTests.Parse("mqtt:\n\u00A0 url: mqtt://a\n  protocoll: 5").Errors.Select(e => $"{e.Line}:{e.Column}"));

    [Theory]
    [InlineData("gateway: { name: Living\u00A0room }", "Living\u00A0room")]
    [InlineData("gateway: { name: '\u201CTutti\u201D' }", "\u201CTutti\u201D")]
    [InlineData("gateway: { name: \u00A0Tutti\u200B }", "Tutti")]
    [InlineData("gateway: { name: TV\u2013left }", "TV\u2013left")]
    [InlineData("gateway: { name: TV\uFF1Aleft }", "TV\uFF1Aleft")]
    [InlineData("gateway: { name: Anna\u2019s }", "Anna\u2019s")]
    [InlineData("# a\u00A0comment\ngateway:\n  name: 'x\u00A0: y'", "x\u00A0: y")]
    public void Inside_of_names_they_are_letters_like_others(string text, string name) => Assert.Equal(name, ConfigurationLoaderTests.Valid(text).Gateway.Name);

    [Fact]
    public void A_member_may_have_a_full_width_colon_or_a_dash_in_its_name() =>
        Assert.Empty(ConfigurationLoaderTests.Parse("speakers:\n  - name: TV\uFF1Aleft\n  - name: 客厅\uFF1A主\ngroups:\n  - name: G\n    members:\n      - TV\uFF1Aleft\n      - 客厅\uFF1A主\n").Errors);
}
