using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Tests.Configuration;

public sealed class ExampleFilesTests
{
    [Theory]
    [InlineData("config/tutti.yaml")]
    [InlineData("config/demo.yaml")]
    public void The_files_that_we_ship_are_fine(string file)
    {
        var result = ConfigurationLoader.Load(RepositoryFiles.PathOf(file));

        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void The_annotated_example_shows_every_setting()
    {
        var text = RepositoryFiles.Text("config/tutti.yaml");

        var missing = SettingKeys.All.SelectMany(block => block.Value.Select(key => (block.Key, Setting: key))).Where(s => !Mentioned(text, s.Key, s.Setting));

        Assert.Empty(missing);
    }

    [Fact]
    public void The_demo_house_is_the_one_that_was_agreed()
    {
        var configuration = ConfigurationLoader.Load(RepositoryFiles.PathOf("config/demo.yaml")).Configuration!;
        var house = configuration.House;

        Assert.Equal(["kitchen", "living_room", "office", "left", "right"], house.Echoes.Select(e => e.Id));
        Assert.Equal(["Echo Dot (5th gen)", "Echo Studio", "Echo Flex", "Echo Dot (4th gen)", "Echo Dot (4th gen)"], house.Echoes.Select(e => e.Model));
        Assert.Equal(["flip_a", "flip_b", "roam", "flex", "emberton", "wonderboom"], house.Speakers.Select(s => s.Id));
        Assert.Equal(["hci0", "hci1"], house.Adapters!.Select(a => a.Name));
        Assert.All(house.Speakers.Select(s => s.Address).Concat(house.Adapters!.Select(a => a.Address)), a => Assert.Equal(0, Convert.ToByte(a!.Id[..2], 16) & 1));
        var party = house.Groups[0];
        Assert.Equal(("party", "Party", "echo:kitchen"), (party.Id, party.Name, party.Source!.ToString()));
        Assert.Equal(["flip_a", "flip_b", "emberton", "wonderboom"], party.Members);
        var oasis = Assert.Single(house.Transmitters);
        Assert.Equal(("oasis", 2, "office", AudioOutput.LineOut), (oasis.Id, oasis.Slots, oasis.FedBy, oasis.Output));
        Assert.Equal(2, house.Routines.Count);
        Assert.Contains(configuration.Simulation.Firmware.Values, v => !v.Contains('.', StringComparison.Ordinal));
    }

    [Fact]
    public void Every_demo_speaker_and_transmitter_is_in_the_catalogue()
    {
        var house = ConfigurationLoader.Load(RepositoryFiles.PathOf("config/demo.yaml")).Configuration!.House;

        Assert.All(house.Speakers, s => Assert.Contains(CatalogueLoader.BuiltIn.Speakers, m => m.Model == s.Model));
        Assert.All(house.Echoes, e => Assert.Contains(CatalogueLoader.BuiltIn.Echoes, m => m.Model.StartsWith(e.Model!, StringComparison.Ordinal)));
        Assert.All(house.Transmitters, t => Assert.Contains(CatalogueLoader.BuiltIn.Transmitters, m => m.Model == t.Model && m.KnownGood));
    }

    /// <summary>As a setting (also one that is commented out) inside the section that the block stands in.</summary>
    private static bool Mentioned(string text, string block, string setting)
    {
        var section = block switch
        {
            "" => null,
            "an adapter" => "bluetooth",
            "an Echo" => "echoes",
            "a speaker" => "speakers",
            "a transmitter" => "transmitters",
            "a group" => "groups",
            "a routine" or "a step" => "routines",
            _ => block,
        };
        var part = section is null ? text : Regex.Match(text, $@"^{section}:.*?(?=^[a-z_]+:|\z)", RegexOptions.Multiline | RegexOptions.Singleline).Value;
        var indent = section is null ? "^" : @"^ +(# )?(- )?";
        return Regex.IsMatch(part, $"{indent}{setting}:( |$)", RegexOptions.Multiline);
    }
}
