using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Tests.Configuration;

public sealed class CatalogueLoaderTests
{
    [Fact]
    public void Every_remedy_of_the_catalogue_is_something_to_do() =>
        Assert.All(CatalogueLoader.BuiltIn.Speakers.Where(s => s.Limitation is not null), s => Assert.DoesNotMatch("^(None|Nothing|$)", s.Remedy));

    [Theory]
    [InlineData("S1", "JBL Flip 6", 4.2, "low", 1)]
    [InlineData("S2", "Sonos Roam SL", 3.8, "medium", 3)]
    [InlineData("S3", "Bose SoundLink Flex", 4.5, "low", 1)]
    [InlineData("S4", "Marshall Emberton II", 4.0, "medium-high", 4)]
    [InlineData("S5", "Ultimate Ears WONDERBOOM 3", 3.5, "low", 2)]
    [InlineData("S6", "Amazon Echo Studio", 5.0, "high", 5)]
    public void The_six_models_are_built_in_with_their_ratings(string rule, string model, double stability, string feasibility, double remedyRating)
    {
        var entry = Assert.Single(CatalogueLoader.BuiltIn.Speakers, s => s.Rule == rule);

        Assert.Equal((model, (double?)stability, feasibility, (double?)remedyRating), (entry.Model, entry.Stability, entry.Feasibility, entry.RemedyRating));
        Assert.NotNull(entry.Limitation);
        Assert.NotNull(entry.Remedy);
        Assert.NotNull(entry.Vendor);
        Assert.NotNull(entry.Source);
    }

    [Fact]
    public void The_habits_belong_to_their_models()
    {
        var habits = CatalogueLoader.BuiltIn.Speakers.ToDictionary(s => s.Rule);

        Assert.Equal(10, habits["S1"].IdlePowerOffMinutes);
        Assert.True(habits["S2"] is { AppOnly: true, AirPlay: true });
        Assert.Equal(["S3"], habits.Values.Where(s => s.Exclusive).Select(s => s.Rule));
        Assert.NotNull(habits["S4"].PartyMode);
        Assert.True(habits["S5"].PlainestCodecFirst);
    }

    [Theory]
    [InlineData("A3VRME03NAXFUB", "Echo Flex", Socket.Out, Socket.None, Certainty.Verified)]
    [InlineData("A3RBAYBE7VM004", "Echo Studio (2019; perhaps 2022 too)", Socket.In, Socket.In, Certainty.Verified)]
    [InlineData("A4ZXE0RM7LQ7A", "Echo Dot (5th gen)", Socket.None, Socket.None, Certainty.Single)]
    [InlineData("A3FX4UWTP28V1P", "Echo (3rd gen)", Socket.InOut, Socket.None, Certainty.Flag)]
    [InlineData("A1MR3F8QRZNAXI", "Echo Dot Max (2025)", Socket.Unknown, Socket.None, Certainty.Unknown)]
    public void Echo_models_have_their_sockets_and_how_sure_they_are(string type, string model, Socket jack, Socket optical, Certainty certainty)
    {
        var entry = Assert.Single(CatalogueLoader.BuiltIn.Echoes, e => e.Type == type);

        Assert.Equal((model, jack, optical, certainty), (entry.Model, entry.Jack, entry.Optical, entry.JackSource));
    }

    [Fact]
    public void Types_are_listed_once()
    {
        var echoes = CatalogueLoader.BuiltIn.Echoes;

        Assert.Equal(61, echoes.Count);
        Assert.Equal(echoes.Count, echoes.Select(e => e.Type).Distinct().Count());
        Assert.All(echoes, e => Assert.True(e.NamesFrom.Count > 0 || e.Model == "unknown", e.Type));
    }

    [Fact]
    public void The_users_own_entries_come_first()
    {
        using var folder = new TemporaryFolder();
        folder.Write("speakers.yaml", "speakers: [{ model: Flip 6 of mine, names: ['*flip 6*'], exclusive: yes }]\ntransmitters: [{ model: Box, known_good: no }]");

        var catalogue = CatalogueLoader.Load(Path.Combine(folder.Path, "tutti.yaml")).Value!;

        Assert.Equal(("Flip 6 of mine", "Flip 6 of mine", true), (catalogue.Speakers[0].Model, catalogue.Speakers[0].Rule, catalogue.Speakers[0].Exclusive));
        Assert.Equal(7, catalogue.Speakers.Count);
        Assert.Equal(["Box", "Avantree Oasis Plus"], catalogue.Transmitters.Select(t => t.Model));
    }

    [Fact]
    public void Mistakes_in_the_users_file_are_named()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("speakers.yaml", "speakers:\n  - names: [a]\n    stability: 6\n    exclusiv: true\n");

        var errors = CatalogueLoader.Load(Path.Combine(folder.Path, "tutti.yaml")).Errors;

        Assert.Equal(
        [
            $"{path}:2:5: speakers[0]: The setting model is missing. Give the model's full name, such as model: JBL Flip 6.",
            $"{path}:3:16: speakers[0].stability: \"6\" is not a number from 0 to 5. Give a number from 0 to 5.",
            $"{path}:4:5: speakers[0].exclusiv: \"exclusiv\" is no setting of a speaker model. Did you mean \"exclusive\"?",
        ], errors.Select(e => e.ToString()));
    }
}
