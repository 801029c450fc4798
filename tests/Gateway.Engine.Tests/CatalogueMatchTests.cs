namespace Gateway.Engine.Tests;

public sealed class CatalogueMatchTests
{
    [Theory]
    [InlineData("A32DDESGESSHZA", null)]
    [InlineData("a2u21srk4qgse1", "Echo Dot (4th gen)")]
    [InlineData("ECHO DOT (5TH GENERATION)", "Echo Dot (5th gen)")]
    [InlineData("Amazon Echo Dot 5th gen", "Echo Dot (5th gen)")]
    [InlineData("echo flex", "Echo Flex")]
    [InlineData("Echo Studio", "Echo Studio (2019; perhaps 2022 too)")]
    [InlineData("Echo Flex (2nd gen)", "Echo Flex")]
    [InlineData("Toaster", null)]
    [InlineData("", null)]
    public void Echos_are_found_by_type_or_name(string text, string? model) => Assert.Equal(model, CatalogueMatch.Echo(TestCatalogue.Full, text)?.Model.Model);

    [Fact]
    public void A_guess_says_so() => Assert.Contains("taken for Echo Studio (2019", CatalogueMatch.Echo(TestCatalogue.Full, "Echo Studio")!.Note, StringComparison.Ordinal);

    [Theory]
    [InlineData("JBL FLIP 6", null, null, "S1")]
    [InlineData(null, "Bathroom jbl flip 6 blue", null, "S1")]
    [InlineData("Charge 5", "jbl flip 6", null, null)]
    [InlineData("Flip 6", null, "Nobody", null)]
    [InlineData("jbl flip 6", null, "JBL by Harman", "S1")]
    public void Speakers_are_found_by_model_then_name_and_a_wrong_vendor_excludes(string? model, string? name, string? vendor, string? rule) =>
        Assert.Equal(rule, CatalogueMatch.Speaker(TestCatalogue.Full, model, name, vendor)?.Rule);

    [Fact]
    public void A_modalias_wins()
    {
        var catalogue = new Catalogue([], [new SpeakerModel { Rule = "a", Model = "A", Names = ["x"] }, new SpeakerModel { Rule = "b", Model = "B", Modaliases = ["bluetooth:v0001"] }], []);

        Assert.Equal("b", CatalogueMatch.Speaker(catalogue, "x", null, null, "Bluetooth:v0001p0002d0003")?.Rule);
    }

    [Theory]
    [InlineData("*a*b*c", "xxaxxbxxc", true)]
    [InlineData("*a*b*c", "xxaxxbxxcd", false)]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    public void Globs_match(string pattern, string text, bool matches) => Assert.Equal(matches, Glob.IsMatch(pattern, text));
}
